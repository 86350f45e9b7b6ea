import { describe, expect, it } from 'vitest';
import type { ParsedArgs } from '../../../src-main/shell/cli/args';
import {
  bytesOption,
  choiceOption,
  numberOption,
  parseStrictly,
  UsageError,
} from '../../../src-main/shell/cli/args';
import { targetOf } from '../../../src-main/shell/cli/compress';

const defs = {
  files: { type: 'positional' },
  quality: { type: 'string', valueHint: '0…100' },
  output: { type: 'string', alias: 'o' },
  verify: { type: 'boolean', default: true },
  json: { type: 'boolean' },
} as const;

const parse = (line: string) => parseStrictly(line.split(' ').filter(Boolean), defs);
const withOption = (name: string, value: string): ParsedArgs => ({
  options: { [name]: value },
  operands: [],
});

describe('parseStrictly', () => {
  it('takes options in every usual form, operands between them', () => {
    expect(parse('a --quality 3 b -o out --json --no-verify -- --c')).toEqual({
      options: { quality: '3', output: 'out', json: true, verify: false },
      operands: ['a', 'b', '--c'],
    });
    expect(parse('--quality=-3 -oout')).toEqual({
      options: { quality: '-3', output: 'out', verify: true },
      operands: [],
    });
  });

  it.each([
    ['--fast', /Unknown option --fast\. Expected --quality, --output, --verify, --json\./],
    ['-x', /Unknown option -x/],
    ['--no-quality', /--no-quality/],
    ['--quality', /Option --quality expects a value \(0…100\), found none/],
    ['--quality --json', /Option --quality expects a value/],
    ['-o', /Option --output expects a value/],
    ['--json=yes', /--json/],
  ])('refuses %s', (line, message) => {
    expect(() => parse(line)).toThrow(UsageError);
    expect(() => parse(line)).toThrow(message);
  });
});

describe('numberOption', () => {
  it.each([
    ['0', 0],
    ['100', 100],
    ['12.5', 12.5],
    ['.5', 0.5],
    ['1e1', 10],
    ['+3', 3],
  ])('reads %s', (text, value) => {
    expect(numberOption(withOption('q', text), 'q', { min: 0, max: 100 })).toBe(value);
  });

  it.each(['', ' ', 'x', '5x', '0x10', '1,5', '-0.1', '100.1', 'NaN', 'Infinity', '1e999'])(
    'refuses "%s", naming what was expected',
    (text) => {
      expect(() => numberOption(withOption('q', text), 'q', { min: 0, max: 100 })).toThrow(
        `Option --q expects a number from 0 to 100, found "${text}".`,
      );
    },
  );

  it('can leave the lower end out and ask for whole numbers', () => {
    expect(() => numberOption(withOption('q', '0'), 'q', { min: 0, above: true })).toThrow(
      /a number above 0/,
    );
    expect(() => numberOption(withOption('q', '1.5'), 'q', { min: 1, whole: true })).toThrow(
      /a whole number of at least 1/,
    );
  });
});

describe('bytesOption', () => {
  it.each([
    ['200000', 200_000],
    ['200k', 200_000],
    ['200 kB', 200_000],
    ['1.5MB', 1_500_000],
    ['64KiB', 65_536],
    ['.5m', 500_000],
    ['2G', 2e9],
    ['10b', 10],
    ['1.9', 1],
  ])('reads %s', (text, value) => {
    expect(bytesOption(withOption('size', text), 'size')).toBe(value);
  });

  it.each(['', '0', '0.4', '-1', 'k', '12q', '1e6', '1,5MB'])('refuses "%s"', (text) => {
    expect(() => bytesOption(withOption('size', text), 'size')).toThrow(UsageError);
  });
});

describe('choiceOption', () => {
  it('names the choices', () => {
    expect(choiceOption(withOption('format', 'png'), 'format', ['png', 'jpeg'])).toBe('png');
    expect(() => choiceOption(withOption('format', 'bmp'), 'format', ['png', 'jpeg'])).toThrow(
      'Option --format expects one of png, jpeg, found "bmp".',
    );
  });
});

describe('targetOf', () => {
  it('is quality 50 unless one target is given', () => {
    expect(targetOf({ options: {}, operands: [] })).toEqual({ kind: 'quality', value: 50 });
    expect(targetOf(withOption('quality', '0'))).toEqual({ kind: 'quality', value: 0 });
    expect(targetOf(withOption('bpp', '.5'))).toEqual({ kind: 'bpp', value: 0.5 });
    expect(targetOf(withOption('max-bytes', '1k'))).toEqual({ kind: 'bytes', value: 1000 });
    expect(targetOf(withOption('psnr', '33'))).toEqual({ kind: 'psnr', value: 33 });
  });

  it('refuses two', () => {
    const two = { options: { quality: '0', 'max-bytes': '1k' }, operands: [] };
    expect(() => targetOf(two)).toThrow('Expected one target, found --quality and --max-bytes.');
  });
});
