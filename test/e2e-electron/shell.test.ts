/// <reference lib="dom" />
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '../e2e';
import type { ShellBridge } from '../../src-main/api/channel/page';
import { encodePhoto } from '../../src-main/image/output';
import { renderScene } from '../photos';
import type { Launched } from './launch';
import { expectNoViolation, launch, missingElectron } from './launch';

// Where there is an Electron, nothing here is skipped: without a display the tests fail.

describe.skipIf(missingElectron('the app in Electron'))('the app in Electron', () => {
  let launched: Launched;

  beforeAll(async () => {
    launched = await launch();
  });
  afterAll(() => launched?.close());

  it('shows its page, which has no Node, one bridge and a strict policy', async () => {
    const { page } = launched;
    expect(page.url()).toBe('app://lavi/');
    expect(await page.title()).toContain('Lavi');
    const found = await page.evaluate(() => {
      const globals = globalThis as unknown as Record<string, unknown>;
      const { require: required, process: node, lavi } = globals;
      return [typeof required, typeof node, Object.keys(lavi as object).sort()];
    });
    const calls = [
      'choose',
      'copyFiles',
      'copyPicture',
      'onCommand',
      'onOpened',
      'pathOf',
      'reveal',
    ];
    expect(found).toEqual(['undefined', 'undefined', [...calls, 'startDrag']]);
    const policy = await page.evaluate(async () =>
      (await fetch('/')).headers.get('content-security-policy'),
    );
    expect(policy).toMatch(/^default-src 'self'; img-src 'self' blob:;/);
    await expectNoViolation(page);
    const inline = await page.evaluate(async () => {
      const refused = new Promise<string>((resolve) => {
        document.addEventListener('securitypolicyviolation', (event) => {
          resolve(event.effectiveDirective);
        });
      });
      const script = document.createElement('script');
      script.textContent = 'globalThis.inlineRan = true;';
      document.body.append(script);
      return [await refused, 'inlineRan' in globalThis];
    });
    expect(inline).toEqual(['script-src-elem', false]);
  });

  it('saves a real photo that was handed over, through its own engine', async () => {
    const { page, app, home } = launched;
    const photo = join(home, 'flowers.png');
    const scene = renderScene('flowers', { width: 320, height: 240 });
    await writeFile(photo, await encodePhoto(scene, 'png'));
    const output = join(home, 'saved');
    // As the system hands files to a program that is running already.
    await app.evaluate(
      ({ app }, path) => void app.emit('second-instance', {}, ['x', path], '/'),
      photo,
    );
    await page.getByText('flowers').first().waitFor();
    const ended = await page.evaluate(async (folder) => {
      const port = await new Promise<MessagePort>((resolve) => {
        window.addEventListener('message', ({ data, ports }) => {
          if (data === 'lavi:port') resolve(ports[0]!);
        });
        window.postMessage('lavi:port?', location.origin);
      });
      let last = 0;
      const waiting = new Map<string, (answer: unknown) => void>();
      let queue: (state: string) => void = () => {};
      port.onmessage = ({ data }) => {
        const message = JSON.parse(data as string) as {
          t: string;
          i: string;
          r: unknown;
          m: string;
          a: { state: string }[];
        };
        if (message.t === 's') waiting.get(message.i)?.(message.r);
        else if (message.m === 'queue') queue(message.a[0]!.state);
      };
      const call = (name: string, args: object) =>
        new Promise<{ ok: boolean; value: never }>((resolve) => {
          const i = String(++last);
          waiting.set(i, resolve as (answer: unknown) => void);
          port.postMessage(JSON.stringify({ t: 'q', i, m: name, a: [args] }));
        });
      await call('app.setSettings', { outputFolder: folder, provider: 'cpu' });
      const [file] = (await call('files.list', {})).value as { id: string }[];
      const idle = new Promise<void>((resolve) => {
        queue = (state) => state === 'idle' && resolve();
      });
      await call('queue.save', { ids: [file!.id] });
      await idle;
      return (await call('files.list', {})).value as { state: string }[];
    }, output);
    expect(ended).toMatchObject([{ state: 'saved', name: 'flowers.png' }]);
    expect(await readdir(output)).toEqual(['flowers.lavi']);
  });

  it('drags and copies what was saved, by its id alone', async () => {
    const { page, app, home } = launched;
    const saved = join(home, 'saved', 'flowers.lavi');
    await app.evaluate(({ BrowserWindow, shell }) => {
      const dragged: unknown[] = [];
      Object.assign(globalThis, { dragged });
      BrowserWindow.getAllWindows()[0]!.webContents.startDrag = ({ files, icon }) => {
        dragged.push({ files, hasIcon: typeof icon === 'string' || !icon.isEmpty() });
      };
      shell.showItemInFolder = (path: string) => void dragged.push({ shown: path });
    });
    const tried = await page.evaluate(async () => {
      const { lavi } = window as unknown as { lavi: Required<ShellBridge> };
      const row = document.querySelector('[role=row][id^=row-]')!;
      const id = row.id.slice('row-'.length);
      for (const ids of [['nobody'], [], 'x' as never]) lavi.startDrag(ids);
      lavi.startDrag([id]);
      await lavi.reveal(id);
      const copied = [await lavi.copyFiles([id]), await lavi.copyFiles(['nobody'])];
      return [...copied, await lavi.copyPicture(id), await lavi.copyPicture('../x')];
    });
    expect(tried).toEqual([true, false, true, false]);
    const clipboard = await app.evaluate(async ({ clipboard, nativeImage }) => {
      // Before 45 the clipboard has calls of its own.
      const older = clipboard as unknown as { readImage?(): { getSize(): object } };
      if (older.readImage) return older.readImage().getSize();
      const [item] = await clipboard.read();
      const png = await item!.getType('image/png');
      return nativeImage.createFromBuffer(Buffer.from(await png.arrayBuffer())).getSize();
    });
    expect(clipboard).toEqual({ width: 320, height: 240 });
    const dragged = await app.evaluate(() => (globalThis as unknown as { dragged: [] }).dragged);
    expect(dragged).toEqual(
      expect.arrayContaining([{ files: [saved], hasIcon: true }, { shown: saved }]),
    );
    expect(dragged).toHaveLength(2);
  });

  it('takes a real drop by its path, without sending bytes', async () => {
    const { page, home } = launched;
    const photo = join(home, 'dropped landscape.png');
    const scene = renderScene('landscape', { width: 160, height: 120 });
    await writeFile(photo, await encodePhoto(scene, 'png'));
    const session = await page.context().newCDPSession(page);
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
      const data = { items: [], files: [photo], dragOperationsMask: 1 };
      await session.send('Input.dispatchDragEvent', { type, x: 600, y: 400, data });
    }
    await page.getByText('dropped landscape').first().waitFor();
    const runs = (await readdir(join(home, 'cache'))).filter((name) => name.startsWith('run-'));
    expect(runs).toHaveLength(1);
    for (const uploads of ['uploads', join(runs[0]!, 'uploads')]) {
      expect(await readdir(join(home, 'cache', uploads))).toEqual([]);
    }
  });

  it('writes down its engines; About copies the log', async () => {
    const { page, app } = launched;
    await page.getByRole('button', { name: 'About Lavi' }).click();
    await page.getByRole('button', { name: 'Copy the log' }).click();
    await page.getByText(/The log stays on this machine/).waitFor({ timeout: 20_000 });
    await page.keyboard.press('Escape');
    const copied = await app.evaluate(({ clipboard }) => clipboard.readText());
    const lines = copied.trim().split('\n');
    const entries = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(entries[0]).toMatchObject({ event: 'started', platform: 'electron' });
    const engine = entries.find(({ event }) => event === 'engine started');
    expect(engine?.['pid']).toBeGreaterThan(0);
  });

  it('goes nowhere else: no navigation, no new window, no other file', async () => {
    const { page, app } = launched;
    await page.evaluate(() => {
      location.href = 'https://example.com/';
    });
    await page.evaluate(() => void window.open('https://example.com/'));
    const statuses = await page.evaluate(async () => {
      const paths = ['/../../etc/passwd', '/px/..%2f..%2fconfig', '/etc/passwd', '/px/x.png'];
      return Promise.all(paths.map(async (path) => (await fetch(path)).status));
    });
    expect(statuses).toEqual([404, 404, 404, 404]);
    await expect(page.evaluate(() => fetch('file:///etc/passwd'))).rejects.toThrow();
    expect(page.url()).toBe('app://lavi/');
    expect(app.windows()).toHaveLength(1);
  });

  it('asks nobody for permissions: they are denied', async () => {
    const { page } = launched;
    const names = ['geolocation', 'camera', 'microphone', 'clipboard-read', 'notifications'];
    const states = await page.evaluate(async (asked) => {
      const query = async (name: string) =>
        (await navigator.permissions.query({ name: name as PermissionName })).state;
      return [await Notification.requestPermission(), ...(await Promise.all(asked.map(query)))];
    }, names);
    expect(states).toEqual(Array(6).fill('denied'));
  });
});
