import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { labelName } from '../../../src-renderer/i18n/label-names';

describe('names of labels', () => {
  it('are put into German by class and colour, numbers kept', () => {
    expect(labelName('sky, pale blue', 'de')).toBe('Himmel, blassblau');
    expect(labelName('sign pole fence, vivid blue 2', 'de')).toBe(
      'Schild, Pfosten, Zaun, kräftig blau 2',
    );
    expect(labelName('greyish red 3', 'de')).toBe('graurot 3');
    expect(labelName('neutral', 'de')).toBe('neutral');
    expect(labelName('sky', 'de')).toBe('Himmel');
  });

  it('stay as they are in English, and where a word is not known', () => {
    expect(labelName('sky, pale blue', 'en')).toBe('sky, pale blue');
    expect(labelName('comet, pale blue', 'de')).toBe('comet, blassblau');
    expect(labelName('comet', 'de')).toBe('comet');
    expect(labelName('label 12', 'de')).toBe('label 12');
  });

  it('are all known of the committed model, and stay distinct', async () => {
    const path = join(import.meta.dirname, '../../../models/color.json');
    const { labels } = JSON.parse(await readFile(path, 'utf8')) as { labels: { name: string }[] };
    const german = labels.map(({ name }) => labelName(name, 'de'));
    expect(new Set(german).size).toBe(labels.length);
    const same = labels.filter(({ name }, i) => name === german[i]).map(({ name }) => name);
    // Words that are equal in both languages.
    expect(same.filter((name) => !/^(orange|magenta|neutral)( \d+)?$/.test(name))).toEqual([]);
    for (const name of german) expect(name).not.toMatch(/\b(pale|vivid|greyish|other|sky)\b/);
  });
});
