import { contentSecurityPolicy } from './renderer-files';

/**
 * Where the page comes from while Lavi is developed: Vite's server, which swaps changed parts in the open
 * page. A packaged app knows no such place.
 *
 * @param root the folder of package.json
 */
export function devServer(
  root: string,
  address = process.env['ELECTRON_RENDERER_URL'],
): string | undefined {
  return root.endsWith('.asar') ? undefined : address;
}

/** The policy of a developed page: its server may be spoken to, and styles come as elements. */
const devPolicy =
  `${contentSecurityPolicy}; style-src 'self' 'unsafe-inline'; ` +
  "connect-src 'self' ws://localhost:* ws://127.0.0.1:*";

/**
 * What the development server has at an address of the page.
 *
 * @param path with its query, such as `/main.ts?t=1`
 */
export async function fromDevServer(server: string, path: string): Promise<Response> {
  const found = await fetch(new URL(path, server), { headers: { accept: '*/*' } });
  const type = found.headers.get('content-type') ?? 'application/octet-stream';
  const headers = { 'Content-Type': type, 'Content-Security-Policy': devPolicy };
  return new Response(found.body, { status: found.status, headers });
}
