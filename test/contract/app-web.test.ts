import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { connect as connectSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { socketPath } from '../../src-main/api/channel/page';
import { socketTransport } from '../../src-main/api/channel/transports';
import type { LaviError } from '../../src-main/api/errors';
import type { WebServer } from '../../src-main/shell/web/server';
import { serveWeb } from '../../src-main/shell/web/server';
import type { Session } from '../../src-main/session/session';
import { appCases } from './app-cases';
import { connectInside } from './inside';
import { testSession, TestPage } from './app';

let renderer: string;

beforeAll(async () => {
  renderer = await mkdtemp(join(tmpdir(), 'lavi-renderer-'));
  await mkdir(join(renderer, 'assets'));
  await writeFile(join(renderer, 'index.html'), '<!doctype html><title>Lavi</title>');
  await writeFile(join(renderer, 'assets/main.js'), 'export {};');
  await symlink('/etc', join(renderer, 'etc'));
});
afterAll(() => rm(renderer, { recursive: true, force: true }));

interface Reply {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

/** As a browser would ask, or as an attacker would: fetch() sets Host and Origin by itself. */
function ask(
  server: WebServer,
  path: string,
  headers: Record<string, string> = {},
  { method = 'GET', body = '' } = {},
): Promise<Reply> {
  const { hostname, port } = new URL(server.origin);
  return new Promise((resolve, reject) => {
    const outgoing = request({ hostname, port, path, method, headers }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => {
        resolve({ status: response.statusCode!, headers: response.headers, text });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

const tokenPath = (server: WebServer) => server.address.slice(server.origin.length);

async function enter(server: WebServer): Promise<string> {
  const { headers } = await ask(server, tokenPath(server));
  return headers['set-cookie']![0]!.split(';')[0]!;
}

function openSocket(server: WebServer, headers: Record<string, string>): Promise<WebSocket> {
  const url = `${server.origin.replace('http', 'ws')}${socketPath}`;
  const socket = new WebSocket(url, { headers });
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(socket));
    socket.once('error', reject);
  });
}

async function openWeb(session: Session) {
  const server = await serveWeb({ session, renderer });
  const headers = { cookie: await enter(server), origin: server.origin };
  const socket = await openSocket(server, headers);
  return { transport: socketTransport(socket), close: () => server.close() };
}

appCases('a WebSocket', (root) => connectInside(root, openWeb));

describe('who may talk to the web shell', () => {
  let server: WebServer;
  let cookie: string;
  let refused: LaviError[];
  let session: Awaited<ReturnType<typeof testSession>>;

  beforeEach(async () => {
    refused = [];
    session = await testSession({ limits: { fileBytes: 100, totalBytes: 150, count: 3 } });
    server = await serveWeb({
      session: session.session,
      renderer,
      onRefused: (e) => refused.push(e),
    });
    cookie = '';
  });
  afterEach(async () => {
    await server.close();
    await session.close();
  });

  it('takes the token once and gives a cookie that scripts and other sites never see', async () => {
    expect((await ask(server, '/')).status).toBe(403);
    const entered = await ask(server, tokenPath(server));
    expect(entered).toMatchObject({ status: 303, headers: { location: '/' } });
    const [header] = entered.headers['set-cookie']!;
    expect(header).toMatch(/^lavi-[0-9a-f]{16}=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/$/);
    expect((await ask(server, tokenPath(server))).status).toBe(403);
    cookie = header!.split(';')[0]!;
    expect(await ask(server, '/', { cookie })).toMatchObject({
      status: 200,
      text: expect.stringContaining('<title>Lavi</title>'),
    });
    // Pressing reload on the old address does no harm.
    expect((await ask(server, tokenPath(server), { cookie })).status).toBe(303);
  });

  it('names its cookie anew each run', async () => {
    const other = await serveWeb({ session: session.session, renderer });
    const names = [await enter(server), await enter(other)].map((pair) => pair.split('=')[0]);
    expect(names[0]).not.toBe(names[1]);
    await other.close();
  });

  it('refuses wrong tokens and wrong cookies', async () => {
    for (const token of ['', 'x', 'x'.repeat(43)]) {
      expect((await ask(server, `/?token=${token}`)).status).toBe(403);
    }
    cookie = await enter(server);
    const [name, value = ''] = cookie.split('=');
    for (const wrong of [`${name}=`, `${name}=${value.slice(1)}x`, `other=${value}`, name!]) {
      expect((await ask(server, '/', { cookie: wrong })).status).toBe(403);
    }
  });

  it('refuses another host name, as after DNS rebinding, token or not', async () => {
    cookie = await enter(server);
    const { port } = new URL(server.origin);
    for (const host of ['evil.example', `evil.example:${port}`, `localhost:${port}`, '127.0.0.1']) {
      expect((await ask(server, '/', { cookie, host })).status).toBe(403);
      await expect(openSocket(server, { cookie, host, origin: server.origin })).rejects.toThrow(
        '403',
      );
    }
  });

  it('refuses sockets of other origins, without origin, and without the cookie', async () => {
    cookie = await enter(server);
    const other = { cookie, origin: 'http://127.0.0.1:1' };
    await expect(openSocket(server, other)).rejects.toThrow('403');
    await expect(openSocket(server, { cookie })).rejects.toThrow('403');
    await expect(openSocket(server, { origin: server.origin })).rejects.toThrow('403');
    const socket = await openSocket(server, { cookie, origin: server.origin });
    socket.close();
  });

  it('sends a strict policy with every answer', async () => {
    cookie = await enter(server);
    for (const path of ['/', '/assets/main.js', '/nothing', '/px/nothing']) {
      const { headers } = await ask(server, path, { cookie });
      expect(headers['content-security-policy']).toMatch(
        /^default-src 'self'; img-src 'self' blob:;/,
      );
      expect(headers['cross-origin-resource-policy']).toBe('same-origin');
      expect(headers['x-content-type-options']).toBe('nosniff');
    }
  });

  it('serves the bundle and nothing else of the disk', async () => {
    cookie = await enter(server);
    const script = await ask(server, '/assets/main.js', { cookie });
    expect(script).toMatchObject({ status: 200, text: 'export {};' });
    expect(script.headers['content-type']).toContain('text/javascript');
    const same = { cookie, 'sec-fetch-site': 'same-origin' };
    for (const path of [
      '/../../etc/passwd',
      '/..%2f..%2fetc/passwd',
      '/assets/../../etc/passwd',
      '/etc/passwd',
      '/px/../uploads',
      '/px/..%2f..%2f..%2fconfig/settings.json',
      '/px/%2e%2e/%2e%2e/config/settings.json',
      `/px/${'0'.repeat(32)}.png`,
      '/px/',
      '//etc/passwd',
    ]) {
      expect((await ask(server, path, same)).status, path).toBe(404);
    }
    expect((await ask(server, '/', { cookie }, { method: 'PUT' })).status).toBe(405);
  });

  it('gives pictures to its own page alone', async () => {
    cookie = await enter(server);
    const socket = await openSocket(server, { cookie, origin: server.origin });
    const page = new TestPage(socketTransport(socket));
    const photo = join(session.root, 'a.jpg');
    await writeFile(photo, 'a photo');
    const [file] = (await page.call('files.add', { paths: [photo] })).added;
    const layer = { what: 'original' } as const;
    const place = { id: file!.id, layer, level: 0, x: 0, y: 0, w: 9, h: 9 };
    const [tile] = await page.call('photo.tiles', place);
    const { url } = tile!;
    const got = await ask(server, url, { cookie, 'sec-fetch-site': 'same-origin' });
    expect(got).toMatchObject({ status: 200, headers: { 'content-type': 'image/png' } });
    for (const site of ['cross-site', 'same-site', 'none']) {
      expect((await ask(server, url, { cookie, 'sec-fetch-site': site })).status).toBe(403);
    }
    expect((await ask(server, url, { cookie })).status).toBe(403);
    expect((await ask(server, url, { 'sec-fetch-site': 'same-origin' })).status).toBe(403);
    socket.close();
  });

  it('takes uploads from its own page alone, within their limits, and keeps none it refused', async () => {
    cookie = await enter(server);
    const same = { cookie, 'sec-fetch-site': 'same-origin', origin: server.origin };
    const post = (path: string, body: string, headers: Record<string, string> = same) =>
      ask(server, path, headers, { method: 'POST', body });
    const ok = await post('/upload?name=a.jpg&path=trip/a.jpg&modified=1000', 'a photo');
    expect(JSON.parse(ok.text)).toMatchObject({ ok: true, value: { name: 'a.jpg', bytes: 7 } });
    const foreign: Record<string, string>[] = [
      { ...same, origin: 'https://evil.example' },
      { ...same, 'sec-fetch-site': 'cross-site' },
      { cookie, origin: server.origin },
      { 'sec-fetch-site': 'same-origin', origin: server.origin },
    ];
    for (const headers of foreign) {
      expect((await post('/upload?name=a.jpg', 'x', headers)).status).toBe(403);
    }
    expect((await post('/upload', 'x')).status).toBe(400);
    expect((await ask(server, '/upload?name=a.jpg', same)).status).toBe(405);
    // Past the limits: of one photo, of all, of their number.
    expect((await post('/upload?name=b.jpg', 'x'.repeat(101))).status).toBe(400);
    expect((await post('/upload?name=c.jpg', 'x'.repeat(100))).status).toBe(200);
    expect((await post('/upload?name=d.jpg', 'x'.repeat(60))).status).toBe(400);
    expect((await post('/upload?name=e.jpg', 'x')).status).toBe(200);
    expect((await post('/upload?name=f.jpg', 'x')).status).toBe(400);
    expect(await readdir(session.session.uploads.folder)).toHaveLength(3);
  });

  it('answers or drops messages that break the schema, and goes on', async () => {
    cookie = await enter(server);
    const socket = await openSocket(server, { cookie, origin: server.origin });
    const page = new TestPage(socketTransport(socket));
    for (const text of ['', '{', 'null', '[]', '{"t":"q"}', '{"t":"q","m":1,"a":[]}']) {
      socket.send(text);
    }
    socket.send(Buffer.from([0xff, 0xfe]));
    socket.send(JSON.stringify({ t: 'q', m: 'constructor', a: [{}] }));
    socket.send(JSON.stringify({ t: 'q', m: 'start', a: [{ kind: 'info', args: {} }] }));
    expect(await page.call('files.list', {})).toEqual([]);
    expect(refused).toHaveLength(7);
    expect(refused.every(({ code }) => code === 'BAD_REQUEST')).toBe(true);
    socket.close();
  });

  it('survives requests that are no HTTP', async () => {
    const { hostname, port } = new URL(server.origin);
    await new Promise<void>((resolve) => {
      const raw = connectSocket(Number(port), hostname, () => raw.write('\0\0\r\n\r\n'));
      raw.on('error', () => {});
      raw.on('close', () => resolve());
      raw.resume();
    });
    expect((await ask(server, '/')).status).toBe(403);
  });
});
