import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JobInput, JobKind } from '../../../src-main/api/jobs/contract';
import { jobKinds } from '../../../src-main/api/jobs/contract';
import { Engine } from '../../../src-main/engine/engine';
import { encodePhoto } from '../../../src-main/image/output';
import { renderScene } from '../../photos';

const root = join(import.meta.dirname, '../../..');

/** What electron-builder.yml says of files in models/, as expressions for their names. */
async function packagedModels(): Promise<RegExp[]> {
  const text = await readFile(join(root, 'build/electron-builder.yml'), 'utf8');
  const patterns = [...text.matchAll(/^ {2}- models\/(.+)$/gm)].map(([, pattern]) => pattern!);
  return patterns
    .filter((pattern) => !pattern.includes('**'))
    .map((pattern) => new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}$`));
}

let folder: string;
let engine: Engine;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lavi-package-'));
  const modelsDir = join(folder, 'models');
  await mkdir(modelsDir);
  const patterns = await packagedModels();
  for (const name of await readdir(join(root, 'models'))) {
    if (!patterns.some((pattern) => pattern.test(name))) continue;
    await symlink(join(root, 'models', name), join(modelsDir, name));
  }
  engine = new Engine({ modelsDir });
  const scene = renderScene('flowers', { width: 128, height: 96 });
  await writeFile(join(folder, 'a.png'), await encodePhoto(scene, 'png'));
});
afterAll(async () => {
  await engine.close();
  await rm(folder, { recursive: true, force: true });
});

function run<Kind extends JobKind>(kind: Kind, args: JobInput<Kind>) {
  const context = { signal: new AbortController().signal, onProgress: () => {} };
  return engine.run(kind, jobKinds[kind].args.parse(args) as never, context);
}

describe('the models of a package', () => {
  it.each(['psnr', 'ms-ssim'] as const)('code and decode photos for %s', async (tune) => {
    const [file, output] = [join(folder, 'a.png'), join(folder, `${tune}.lavi`)];
    const target = { kind: 'quality', value: 40 } as const;
    // Refining is for squared error alone, and takes a net of its own.
    const effort = tune === 'psnr' ? ({ effort: 'best' } as const) : {};
    await run('compress', { file, output, target, tune, ...effort });
    const decoded = join(folder, `${tune}.png`);
    await run('decompress', { file: output, output: decoded, format: 'png' });
    expect((await readFile(decoded)).length).toBeGreaterThan(0);
  });

  it('colorize, label and score photos', async () => {
    const [file, output] = [join(folder, 'a.png'), join(folder, 'colored.png')];
    await run('colorize', { file, output, format: 'png' });
    await run('segment', { file, output: join(folder, 'labels.png') });
    const { baselines } = await run('score', { file, colour: output });
    expect(baselines.one).toBeGreaterThan(0);
  });

  it('show a posterior', async () => {
    const args = { file: join(folder, 'a.png'), at: null, samples: 1, seed: 1, folder };
    expect((await run('vaeEncode', args)).reading.rate).toBeGreaterThan(0);
  });
});
