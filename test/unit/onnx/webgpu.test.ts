import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../../..');
/** A Vulkan driver: the one named in the environment, or the software GPU that comes with Debian's chromium. */
const driver = process.env.VK_DRIVER_FILES ?? '/usr/lib/chromium/vk_swiftshader_icd.json';
const loaders = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib'];
const found = existsSync(driver) && loaders.some((dir) => existsSync(join(dir, 'libvulkan.so.1')));
if (!found) {
  console.warn(
    `WebGPU tests skipped: no Vulkan driver at ${driver} or no libvulkan.so.1 (Debian: apt-get install chromium libvulkan1).`,
  );
}

describe.skipIf(!found)('float transforms on WebGPU', () => {
  it('decode the same symbols, and pixels within one level of the CPU’s', async () => {
    const run = promisify(execFile);
    const { stdout } = await run(process.execPath, ['test/run.mjs', 'unit/onnx/webgpu-child.ts'], {
      cwd: root,
      env: { ...process.env, VK_DRIVER_FILES: driver },
    });
    const report = JSON.parse(stdout.trim().split('\n').at(-1)!);
    const golden = JSON.parse(await readFile(join(root, 'test/golden/rda/golden.json'), 'utf8'));
    expect(report.provider).toBe('webgpu');
    expect(report.symbols).toBe(golden.symbols['page-high']);
    expect(report.cpuReading).toBe(report.gpuFile);
    // The warm-up tile of `--provider auto`: right, whether or not it is faster.
    expect(report.trial.failure).toBeUndefined();
    expect(report.trial.difference).toBeLessThan(0.01);
    expect(report.largest).toBeLessThanOrEqual(1);
  });
});
