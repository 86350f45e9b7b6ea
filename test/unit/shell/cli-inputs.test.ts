import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isColouredName } from '../../../src-main/api/formats';
import type { PlanOptions } from '../../../src-main/shell/cli/inputs';
import { planBatch } from '../../../src-main/shell/cli/inputs';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lavi-inputs-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function have(...names: string[]): Promise<void> {
  for (const name of names) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), '');
  }
}

/** The plan with paths from the test's folder: "input → output", or the failure's code. */
async function plan(names: string[], options: Partial<PlanOptions> = {}): Promise<string[]> {
  const items = await planBatch(
    names.map((name) => join(folder, name)),
    { extensions: ['.jpg', '.png'], outputExtension: '.lavi', ...options },
  );
  return items.map(({ file, output, failure }) =>
    `${file} ${failure ? `! ${failure.code}` : `→ ${output}`}`.replaceAll(`${folder}/`, ''),
  );
}

describe('planBatch', () => {
  it('puts outputs beside originals', async () => {
    await have('a.jpg', 'sub/b.png');
    expect(await plan(['a.jpg', 'sub/b.png'])).toEqual([
      'a.jpg → a.lavi',
      'sub/b.png → sub/b.lavi',
    ]);
  });

  it('searches folders to their depths and keeps their structure under the output folder', async () => {
    await have('in/a.JPG', 'in/x/b.png', 'in/x/y/c.d.jpg', 'in/note.txt', 'in/.hidden/d.jpg');
    await have('in/.e.jpg');
    expect(await plan(['in'], { outputFolder: join(folder, 'out') })).toEqual([
      'in/a.JPG → out/a.lavi',
      'in/x/b.png → out/x/b.lavi',
      'in/x/y/c.d.jpg → out/x/y/c.d.lavi',
    ]);
  });

  it('leaves names out of folders that are to be skipped, not those named by hand', async () => {
    await have('in/a.jpg', 'in/a.colour.png', 'in/a.colour-2.jpg', 'in/colour.png');
    const options = { skip: isColouredName };
    const found = ['in/a.jpg → in/a.lavi', 'in/colour.png → in/colour.lavi'];
    expect(await plan(['in'], options)).toEqual(found);
    expect(await plan(['in/a.colour.png'], options)).toEqual([
      'in/a.colour.png → in/a.colour.lavi',
    ]);
  });

  it('does not follow links to folders round in circles', async () => {
    await have('in/a.jpg');
    await symlink('.', join(folder, 'in/loop'));
    expect(await plan(['in'])).toEqual(['in/a.jpg → in/a.lavi']);
  });

  it('takes a file named by hand whatever its extension, there or not', async () => {
    await have('photo');
    expect(await plan(['photo', 'missing.jpg'])).toEqual([
      'photo → photo.lavi',
      'missing.jpg → missing.lavi',
    ]);
  });

  it('refuses the second of two inputs that would become one output', async () => {
    await have('a.jpg', 'a.png', 'b/a.jpg');
    expect(await plan(['a.jpg', 'a.png'])).toEqual(['a.jpg → a.lavi', 'a.png ! FILE_EXISTS']);
    expect(await plan(['a.jpg', 'b/a.jpg'], { outputFolder: join(folder, 'out') })).toEqual([
      'a.jpg → out/a.lavi',
      'b/a.jpg ! FILE_EXISTS',
    ]);
    expect(await plan(['a.jpg', './a.jpg'])).toEqual(['a.jpg → a.lavi', 'a.jpg ! FILE_EXISTS']);
  });

  it('refuses an output that is itself an input', async () => {
    await have('a.jpg', 'a.lavi');
    expect(await plan(['a.jpg', 'a.lavi'])).toEqual([
      'a.jpg ! FILE_EXISTS',
      'a.lavi ! FILE_EXISTS',
    ]);
  });

  it('says so when a folder holds nothing to do', async () => {
    await have('in/note.txt');
    expect(await plan(['in'])).toEqual(['in ! FILE_NOT_FOUND']);
  });
});
