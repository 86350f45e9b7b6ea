import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { WebSocketServer } from 'ws';
import { answerOf, parseOrRefuse, toFailure } from '../../api/channel/answer';
import { appContract, uploadQuery } from '../../api/calls/contract';
import { serveChannel } from '../../api/channel/channel';
import type { LaviError } from '../../api/errors';
import { socketPath, uploadPath } from '../../api/channel/page';
import { socketTransport } from '../../api/channel/transports';
import type { Session } from '../../session/session';
import { devServer, fromDevServer } from '../process/dev-page';
import { packageRoot } from '../process/paths';
import { contentSecurityPolicy, rendererFiles, typeOf } from '../process/renderer-files';
import { WebAccess } from './access';

export interface WebServer {
  /** Opens the app in a browser, once. */
  address: string;
  origin: string;
  close(): Promise<void>;
}

export interface WebServerOptions {
  session: Session;
  /** The folder of the page's bundle. */
  renderer: string;
  /** Hears of messages that were refused. */
  onRefused?: (error: LaviError) => void;
}

/** Messages are calls with ids and paths: ten thousand long paths fit. */
const MAX_MESSAGE_BYTES = 64 * 2 ** 20;
const MAX_WINDOWS = 32;

const everyAnswer = {
  'Content-Security-Policy': contentSecurityPolicy,
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-store',
};

/** Serves the app on 127.0.0.1, at a port that was free, to the one browser that has the address. */
export async function serveWeb(options: WebServerOptions): Promise<WebServer> {
  const { session, renderer, onRefused = () => {} } = options;
  const files = rendererFiles(renderer);
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      const { code, message } = toFailure(error);
      end(response, code === 'INTERNAL' ? 500 : 400, message);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const access = new WebAccess(`127.0.0.1:${(server.address() as AddressInfo).port}`);

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(everyAnswer)) response.setHeader(name, value);
    if (!access.isOurHost(request)) return end(response, 403, 'This is not the host of Lavi.');
    const url = new URL(request.url ?? '/', access.origin);
    const token = url.searchParams.get('token');
    if (url.pathname === '/' && token !== null) return enter(request, response, token);
    if (!access.hasCookie(request)) {
      return end(response, 403, 'Open Lavi by the address that it printed when it started.');
    }
    if (url.pathname === uploadPath) return upload(request, response, url);
    if (request.method !== 'GET') return end(response, 405, 'Expected GET.');
    if (url.pathname.startsWith('/px/')) return picture(request, response, url);
    const dev = devServer(packageRoot());
    if (dev) return forward(await fromDevServer(dev, url.pathname + url.search), response);
    const file = files.get(url.pathname);
    if (!file) return end(response, 404, 'There is nothing at this address.');
    return send(response, file);
  }

  function enter(request: IncomingMessage, response: ServerResponse, token: string): void {
    const cookie = access.exchange(token);
    if (!cookie && !access.hasCookie(request)) {
      return end(response, 403, 'This address has been used. Start Lavi again for a new one.');
    }
    if (cookie) response.setHeader('Set-Cookie', cookie);
    // The token leaves the address bar and the history.
    response.writeHead(303, { Location: '/' }).end();
  }

  async function picture(request: IncomingMessage, response: ServerResponse, url: URL) {
    if (!access.isSameSite(request)) return end(response, 403, 'Pictures are for the app alone.');
    const file = await session.picture(url.pathname.slice('/px/'.length));
    if (!file) return end(response, 404, 'There is no such picture.');
    // Named by its content: what has this name never changes.
    response.setHeader('Cache-Control', 'private, max-age=3600, immutable');
    return send(response, file);
  }

  async function upload(request: IncomingMessage, response: ServerResponse, url: URL) {
    if (request.method !== 'POST') return end(response, 405, 'Expected POST.');
    if (!access.isSameSite(request) || !access.isOurOrigin(request)) {
      return end(response, 403, 'Uploads are for the app alone.');
    }
    const result = await answerOf(async () => {
      const query = parseOrRefuse(uploadQuery, Object.fromEntries(url.searchParams), 'An upload');
      return session.upload(query, request, Number(request.headers['content-length'] ?? 0));
    });
    // What is left of a refused upload is of no use to anyone.
    if (!result.ok) response.setHeader('Connection', 'close');
    response.writeHead(result.ok ? 200 : 400, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(result));
  }

  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES });
  server.on('upgrade', (request, socket, head) => {
    const allowed =
      request.url === socketPath &&
      sockets.clients.size < MAX_WINDOWS &&
      access.isOurHost(request) &&
      access.isOurOrigin(request) &&
      access.hasCookie(request);
    if (!allowed) {
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const channel = serveChannel(
        appContract,
        socketTransport(webSocket),
        session.handlers,
        onRefused,
      );
      const stop = session.listen((name, data) => {
        if (webSocket.readyState === webSocket.OPEN) channel.emit(name, data);
      });
      // A socket that breaks closes too.
      webSocket.on('error', () => {});
      webSocket.on('close', () => {
        stop();
        channel.close();
      });
    });
  });

  return {
    address: access.address,
    origin: access.origin,
    async close() {
      for (const client of sockets.clients) client.terminate();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function send(response: ServerResponse, file: string): Promise<void> {
  const { size } = await stat(file);
  response.writeHead(200, { 'Content-Type': typeOf(file), 'Content-Length': size });
  // A browser that goes away in the middle is no failure.
  await pipeline(createReadStream(file), response).catch(() => {});
}

async function forward(found: Response, response: ServerResponse): Promise<void> {
  response.writeHead(found.status, Object.fromEntries(found.headers));
  response.end(Buffer.from(await found.arrayBuffer()));
}

function end(response: ServerResponse, status: number, text: string): void {
  if (!response.headersSent) {
    response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' });
  }
  response.end(`${text}\n`);
}
