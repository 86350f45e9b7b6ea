import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { answerOf, parseOrRefuse } from '../../api/channel/answer';
import { uploadQuery } from '../../api/calls/contract';
import { uploadPath } from '../../api/channel/page';
import type { Session } from '../../session/session';
import { devServer, fromDevServer } from '../process/dev-page';
import { packageRoot } from '../process/paths';
import { contentSecurityPolicy, typeOf } from '../process/renderer-files';

export const appOrigin = 'app://lavi';

const everyAnswer = {
  'Content-Security-Policy': contentSecurityPolicy,
  'X-Content-Type-Options': 'nosniff',
};

/** Answers what the window asks of `app://lavi/`: the bundle, pictures, uploads. */
export async function answerApp(
  request: Request,
  session: Session,
  files: Map<string, string>,
): Promise<Response> {
  const url = new URL(request.url);
  if (url.host !== 'lavi') return plain(404, 'There is nothing at this address.');
  if (url.pathname === uploadPath) {
    if (request.method !== 'POST' || !request.body) return plain(405, 'Expected POST.');
    const body = Readable.fromWeb(request.body as ReadableStream);
    const result = await answerOf(() => {
      const query = parseOrRefuse(uploadQuery, Object.fromEntries(url.searchParams), 'An upload');
      return session.upload(query, body);
    });
    return Response.json(result, { status: result.ok ? 200 : 400, headers: everyAnswer });
  }
  if (request.method !== 'GET') return plain(405, 'Expected GET.');
  const isPicture = url.pathname.startsWith('/px/');
  const server = devServer(packageRoot());
  if (server && !isPicture) return fromDevServer(server, url.pathname + url.search);
  const file = isPicture
    ? await session.picture(url.pathname.slice('/px/'.length))
    : files.get(url.pathname);
  if (!file) return plain(404, 'There is nothing at this address.');
  const headers = { ...everyAnswer, 'Content-Type': typeOf(file) };
  return new Response(await readFile(file), { headers });
}

function plain(status: number, text: string): Response {
  return new Response(`${text}\n`, { status, headers: everyAnswer });
}
