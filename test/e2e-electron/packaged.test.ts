/// <reference lib="dom" />
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, readFile, readdir, readlink, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { flipFuses, FuseV1Options, FuseVersion, getCurrentFuseWire } from '@electron/fuses';
import { afterAll, beforeAll, describe, expect, it } from '../e2e';
import { encodePhoto } from '../../src-main/image/output';
import { root } from '../e2e-cli/lavi';
import { renderScene } from '../photos';
import {
  electronProgram,
  expectNoViolation,
  launchProgram,
  missingElectron,
  sandboxArgs,
} from './launch';

/** Programs of running processes. */
async function runningPrograms(): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  return Promise.all(pids.map((pid) => readlink(`/proc/${pid}/exe`).catch(() => '')));
}

const what = 'the packaged app';
// Packages are made by the system that they are for.
const elsewhere = process.platform !== 'linux';
if (elsewhere) console.warn(`The tests of ${what} are skipped: this system is no Linux.`);
describe.skipIf(elsewhere || missingElectron(what))('the packaged app', () => {
  let folder: string;
  let home: string;
  let photo: string;
  let app: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lavi-packaged-'));
    home = join(folder, 'home');
    const runtime = dirname(electronProgram()!);
    const args = ['--dir', '--output', folder, '--electron', runtime, '--node', process.execPath];
    const packaged = spawnSync(process.execPath, [join(root, 'build/package.mjs'), ...args], {
      encoding: 'utf8',
    });
    if (packaged.status !== 0) throw new Error(`${packaged.stdout}${packaged.stderr}`);
    app = join(folder, 'linux-unpacked');
    photo = join(folder, 'flowers.png');
    const scene = renderScene('flowers', { width: 320, height: 240 });
    await writeFile(photo, await encodePhoto(scene, 'png'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('has every fuse set', async () => {
    const wire = await getCurrentFuseWire(join(app, 'lavi'));
    // As the program has it: the character 1 or 0.
    const state = (enabled: boolean) => (enabled ? '1' : '0').charCodeAt(0);
    expect(wire).toMatchObject({
      version: FuseVersion.V1,
      [FuseV1Options.RunAsNode]: state(false),
      [FuseV1Options.EnableCookieEncryption]: state(true),
      [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: state(false),
      [FuseV1Options.EnableNodeCliInspectArguments]: state(false),
      [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: state(true),
      [FuseV1Options.OnlyLoadAppFromAsar]: state(true),
      [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: state(false),
      [FuseV1Options.GrantFileProtocolExtraPrivileges]: state(false),
    });
  });

  it('carries its engine and models outside the archive, and one onnxruntime', async () => {
    const resources = join(app, 'resources');
    expect((await readdir(resources)).sort()).toEqual(['app.asar', 'app.asar.unpacked', 'node']);
    const unpacked = join(resources, 'app.asar.unpacked');
    const natives = join(unpacked, 'node_modules/onnxruntime-node/bin');
    const [abi] = await readdir(natives);
    expect(await readdir(join(natives, abi!))).toEqual([process.platform]);
    expect(await readdir(join(natives, abi!, process.platform))).toEqual([process.arch]);
    const manifest = await readFile(join(unpacked, 'models/manifest.json'), 'utf8');
    expect(manifest).toBe(await readFile(join(root, 'models/manifest.json'), 'utf8'));
    const { status, stdout } = spawnSync(join(resources, 'node/node'), ['--version']);
    expect([status, String(stdout)]).toEqual([0, `${process.version}\n`]);
    // What only builds and tests need stays out.
    const packages = await readdir(join(unpacked, 'node_modules'));
    expect(packages).toContain('sharp');
    expect(packages).not.toContain('vite');
    createRequire(import.meta.url)(join(unpacked, 'package.json'));
  });

  it('carries its licence and those of what is in it', async () => {
    const read = (name: string) => readFile(join(app, name), 'utf8');
    expect(await read('LICENSE.lavi.txt')).toBe(await readFile(join(root, 'LICENSE'), 'utf8'));
    const notices = await read('THIRD-PARTY-NOTICES.txt');
    for (const name of ['sharp', 'onnxruntime-node', 'zod', 'vue', 'reka-ui']) {
      expect(notices).toMatch(new RegExp(`^${name} \\d`, 'm'));
    }
    const unpacked = join(app, 'resources/app.asar.unpacked/node_modules');
    for (const name of await readdir(unpacked)) {
      if (!/^[.@]/.test(name)) expect(notices).toMatch(new RegExp(`^${name} \\d`, 'm'));
    }
  });

  it('opens a photo with all fuses set, and lets nobody debug it', async () => {
    const child = spawn(join(app, 'lavi'), [...sandboxArgs, '--inspect=0', photo], {
      env: { ...process.env, LAVI_HOME: home, LAVI_NODE: '', NODE_OPTIONS: '--inspect=0' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += text));
    const listed = async () => {
      if (child.exitCode !== null) throw new Error(`It ended with ${child.exitCode}: ${said}`);
      const text = await readFile(join(home, 'config/journal.json'), 'utf8').catch(() => '{}');
      return (JSON.parse(text) as { files?: { path: string }[] }).files?.map(({ path }) => path);
    };
    await expect.poll(listed).toEqual([photo]);
    child.kill('SIGTERM');
    await once(child, 'exit');
    expect(said).not.toContain('Debugger listening');
  });

  it('saves and colours a photo and shows its posterior, through the engine and models that it carries', async () => {
    // The same app, but for the one fuse that tests need.
    const debuggable = join(folder, 'debuggable');
    spawnSync('cp', ['-al', app, debuggable]);
    const program = join(debuggable, 'lavi');
    await rm(program);
    await copyFile(join(app, 'lavi'), program);
    await flipFuses(program, {
      version: FuseVersion.V1,
      [FuseV1Options.EnableNodeCliInspectArguments]: true,
    });
    await rm(home, { recursive: true, force: true });
    const env = { LAVI_NODE: '', HOME: home };
    const { page, close } = await launchProgram(program, { home, args: [photo], env });
    try {
      await page.getByRole('row', { name: 'flowers.png' }).waitFor();
      await page.getByRole('button', { name: /^Save 1/ }).click();
      const saved = join(home, 'Pictures/Lavi');
      await expect.poll(() => readdir(saved).catch(() => [])).toEqual(['flowers.lavi']);
      expect(await runningPrograms()).toContain(join(debuggable, 'resources/node/node'));
      await page.getByRole('button', { name: 'Colorize' }).click();
      await page.locator('[data-test=sample][data-fresh=true]').first().waitFor();
      await page.getByRole('button', { name: 'Latents' }).click();
      await page.getByRole('button', { name: 'Posterior' }).click();
      await page.locator('[data-test=error]').waitFor();
      await expectNoViolation(page);
    } finally {
      await close();
    }
  });
});
