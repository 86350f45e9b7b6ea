import { mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listSupportedBackends } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { colorWarmUp } from '../../../src-main/colorize/model';
import { vaeWarmUp } from '../../../src-main/latents/vae';
import { readManifest } from '../../../src-main/rda/manifest';
import { chooseProvider, presentProviders, tryProvider } from '../../../src-main/onnx/providers';
import { Net } from '../../../src-main/onnx/session';
import { RdaModel } from '../../../src-main/rda/model';

const modelsDir = join(import.meta.dirname, '../../../models');

describe('chooseProvider', () => {
  it('takes a named provider and says so', async () => {
    const report = await chooseProvider({ modelsDir, provider: 'cpu' });
    expect(report).toMatchObject({ choice: 'cpu', why: 'It was asked for.' });
    expect(report.present).toEqual(presentProviders());
  });

  it('refuses one that this build lacks', async () => {
    const lacking = (['coreml', 'directml'] as const).find((p) => !presentProviders().includes(p));
    if (!lacking) throw new Error('No build of ONNX Runtime carries both DirectML and CoreML.');
    await expect(chooseProvider({ modelsDir, provider: lacking })).rejects.toMatchObject({
      code: 'PROVIDER_UNAVAILABLE',
    });
  });

  it('does not count CUDA as present without its library, and says how to get it', async () => {
    const backend = listSupportedBackends().find(({ name }) => name === 'cuda');
    if (!backend || backend.bundled) return;
    const bin = join(import.meta.dirname, '../../../node_modules/onnxruntime-node/bin');
    const installed = (await readdir(bin, { recursive: true })).some((file) =>
      file.includes('providers_cuda'),
    );
    expect(presentProviders().includes('cuda')).toBe(installed);
    if (installed) return;
    await expect(chooseProvider({ modelsDir, provider: 'cuda' })).rejects.toMatchObject({
      code: 'PROVIDER_UNAVAILABLE',
      message: expect.stringContaining('npm rebuild onnxruntime-node') as string,
    });
  });

  it.each([
    ['colorizer', colorWarmUp],
    ['VAE', vaeWarmUp],
  ])('tries the %s on its own warm-up', async (_, warmUp) => {
    const trial = await tryProvider('cpu', { modelsDir, warmUp });
    expect(trial).toMatchObject({ provider: 'cpu', difference: 0 });
    expect(trial.ms).toBeGreaterThan(0);
  });

  it('chooses by itself, with a reason', async () => {
    const report = await chooseProvider({ modelsDir, provider: 'auto' });
    expect(report.present).toContain(report.choice);
    expect(report.why.length).toBeGreaterThan(5);
  });

  it('reports a provider that does not work as a failure, not an error', async () => {
    const trial = await tryProvider('cuda', { modelsDir });
    // Where there is a CUDA device it must agree with the CPU instead.
    if (trial.failure === undefined) expect(trial.difference).toBeLessThan(0.01);
    else expect(trial.failure).not.toBe('');
  });
});

describe('models that are missing or altered', () => {
  it('says where the manifest was expected', async () => {
    const empty = await mkdtemp(join(tmpdir(), 'lavi-models-'));
    await expect(readManifest(empty)).rejects.toMatchObject({ code: 'MODEL_MISSING' });
    await writeFile(join(empty, 'manifest.json'), '{"id": 3}');
    await expect(readManifest(empty)).rejects.toMatchObject({ code: 'MODEL_MISMATCH' });
    await expect(Net.load(join(empty, 'no.onnx'))).rejects.toMatchObject({ code: 'MODEL_MISSING' });
  });

  it('refuses to code when the integer nets compute something else', async () => {
    const { cp, readFile } = await import('node:fs/promises');
    const copy = await mkdtemp(join(tmpdir(), 'lavi-models-'));
    await cp(modelsDir, copy, { recursive: true });
    const path = join(copy, 'manifest.json');
    const manifest = JSON.parse(await readFile(path, 'utf8'));
    const selfCheck = manifest.selfCheck.replace(/^./, (c: string) => (c === '0' ? '1' : '0'));
    await writeFile(path, JSON.stringify({ ...manifest, selfCheck }));
    await expect(RdaModel.load({ modelsDir: copy })).rejects.toMatchObject({
      code: 'MODEL_MISMATCH',
    });
  });
});
