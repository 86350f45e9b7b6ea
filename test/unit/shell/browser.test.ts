import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findBrowser } from '../../../build/browser.mjs';

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'lavi-browser-'))));
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the browser of the tests', () => {
  it('is the one that is named, else the first that is there', async () => {
    const [named, first, second] = ['named', 'first', 'second'].map((name) => join(folder, name));
    expect(findBrowser({}, [first!, second!])).toBeUndefined();
    await writeFile(second!, '');
    expect(findBrowser({}, [first!, second!])).toBe(second);
    await writeFile(first!, '');
    expect(findBrowser({}, [first!, second!])).toBe(first);
    expect(() => findBrowser({ LAVI_CHROMIUM: named }, [first!])).toThrow('named');
    await writeFile(named!, '');
    expect(findBrowser({ LAVI_CHROMIUM: named }, [first!])).toBe(named);
  });
});
