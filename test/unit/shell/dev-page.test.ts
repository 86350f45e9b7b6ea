import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { devServer, fromDevServer } from '../../../src-main/shell/process/dev-page';

it('takes the page from the development server, but never in a packaged app', () => {
  const address = 'http://localhost:5173';
  expect(devServer('/home/me/lavi', address)).toBe(address);
  expect(devServer('/home/me/lavi', undefined)).toBeUndefined();
  expect(devServer('/opt/Lavi/resources/app.asar', address)).toBeUndefined();
});

it('hands on what the server has, with a policy that lets the page be swapped', async () => {
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/main.ts?t=1' ? 200 : 404, { 'Content-Type': 'text/x' });
    response.end('code');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const found = await fromDevServer(address, '/main.ts?t=1');
  expect([found.status, await found.text()]).toEqual([200, 'code']);
  expect(found.headers.get('content-type')).toBe('text/x');
  expect(found.headers.get('content-security-policy')).toContain('ws://localhost:*');
  expect((await fromDevServer(address, '/none')).status).toBe(404);
  server.close();
});
