import { describe, expect, it } from 'vitest';
import { decibelText, sizeText, tableText } from '../../../src-main/shell/cli/report';

describe('texts for people', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.00 kB'],
    [1_234_567, '1.23 MB'],
    [999_600, '1.00 MB'],
    [5e12, '5.00e+3 GB'],
  ])('writes %d bytes as %s', (bytes, text) => {
    expect(sizeText(bytes)).toBe(text);
  });

  it('writes decibels, and exactness where there are none', () => {
    expect(decibelText(33.456)).toBe('33.46 dB');
    expect(decibelText(null)).toBe('exact');
  });

  it('aligns tables', () => {
    expect(
      tableText([
        ['codec', 'bytes'],
        ['Lavi', 7],
      ]),
    ).toBe('codec  bytes\nLavi       7');
  });
});
