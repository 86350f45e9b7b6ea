import { MessageChannel } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EngineClient } from '../../src-main/api/jobs/client';
import { LaviError } from '../../src-main/api/errors';
import { portTransport } from '../../src-main/api/channel/transports';
import type { Server } from '../../src-main/shell/process/serve';
import { serveEngine } from '../../src-main/shell/process/serve';
import { testEngine } from './test-engine';

const compress = { output: 'x.lavi', target: { kind: 'quality', value: 50 } } as const;

let ports: InstanceType<typeof MessageChannel>;
let client: EngineClient;
let server: Server;
let refusedByServer: LaviError[];
let refusedByClient: LaviError[];

beforeEach(() => {
  ports = new MessageChannel();
  refusedByServer = [];
  refusedByClient = [];
  server = serveEngine(portTransport(ports.port1), testEngine, (e) => refusedByServer.push(e));
  client = new EngineClient(portTransport(ports.port2), (e) => refusedByClient.push(e));
});
afterEach(() => {
  ports.port1.close();
  ports.port2.close();
});

/** Sends raw messages as a client would and gives the first message back that has its id. */
async function raw(message: unknown): Promise<unknown> {
  const heard = new Promise((resolve) => {
    const { port2 } = ports;
    port2.addEventListener('message', function listen(event: object) {
      const { data } = event as { data: string };
      const answer = JSON.parse(data) as { t: string; i: string; r: unknown };
      if (answer.t !== 's' || answer.i !== 'raw') return;
      port2.removeEventListener('message', listen);
      resolve(answer.r);
    });
  });
  ports.port2.postMessage(JSON.stringify(message));
  return heard;
}

describe('the contract over a MessagePort', () => {
  it('runs a job: rising progress, then the result', async () => {
    const fractions: number[] = [];
    const result = await client.run(
      'info',
      { file: 'a.lavi' },
      { onProgress: (fraction) => fractions.push(fraction) },
    );
    expect(result).toMatchObject({ file: 'a.lavi', width: 8, modelBits: 90 });
    expect(fractions).toEqual([0.25, 1]);
    expect(client.inFlight).toBe(0);
  });

  it('carries text beyond ASCII unharmed', async () => {
    const file = 'Grüße/日本/\u{1F4F7}\u2028.lavi';
    expect((await client.run('info', { file })).file).toBe(file);
  });

  it('hands on errors with code, message and detail', async () => {
    await expect(client.run('info', { file: 'corrupt' })).rejects.toMatchObject({
      name: 'LaviError',
      code: 'CORRUPT',
      message: 'A bad file.',
      detail: { chunk: 3 },
    });
  });

  it('turns a bug into INTERNAL without a stack', async () => {
    const failure = client.run('info', { file: 'bug' });
    await expect(failure).rejects.toMatchObject({
      code: 'INTERNAL',
      message: 'x is not a function',
    });
  });

  it('cancels a running job', async () => {
    const controller = new AbortController();
    const run = client.run(
      'compress',
      { file: 'a.png', ...compress },
      { signal: controller.signal, onProgress: () => controller.abort() },
    );
    await expect(run).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('cancels running jobs when the server closes', async () => {
    let close: Promise<void> | undefined;
    const run = client.run(
      'compress',
      { file: 'a.png', ...compress },
      {
        onProgress: () => {
          close ??= server.close();
        },
      },
    );
    await expect(run).rejects.toMatchObject({ code: 'CANCELLED' });
    await close;
  });

  it('refuses arguments that break the schema, naming the place', async () => {
    const wrong = { file: 'a.png', output: 'x', target: { kind: 'quality', value: 200 } } as const;
    await expect(client.run('compress', wrong)).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      message: expect.stringContaining('target.value'),
    });
    await expect(client.run('info', {} as { file: string })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    });
  });

  it('refuses a result that breaks the schema before it leaves', async () => {
    await expect(client.run('info', { file: 'wrong shape' })).rejects.toMatchObject({
      code: 'INTERNAL',
    });
  });

  it.each([
    ['an unknown call', { m: 'format', a: [] }],
    ['a name every object has', { m: 'constructor', a: [{}] }],
    ['an unknown kind of job', { m: 'start', a: [{ job: 'j', kind: 'erase', args: {} }] }],
    ['a job without an id', { m: 'start', a: [{ kind: 'info', args: { file: 'a' } }] }],
    ['an id too long', { m: 'cancel', a: [{ job: 'j'.repeat(65) }] }],
    ['no arguments', { m: 'start', a: [] }],
  ])('answers BAD_REQUEST to %s', async (_, message) => {
    expect(await raw({ t: 'q', i: 'raw', ...message })).toMatchObject({
      ok: false,
      error: { code: 'BAD_REQUEST' },
    });
  });

  it('refuses a second job of the same id while the first runs', async () => {
    const job = { job: 'twin', kind: 'compress', args: { file: 'a', ...compress } };
    const start = { t: 'q', i: 'raw', m: 'start', a: [job] };
    expect(await raw(start)).toEqual({ ok: true, value: { job: 'twin' } });
    expect(await raw(start)).toMatchObject({ ok: false, error: { code: 'BAD_REQUEST' } });
    const cancel = { t: 'q', i: 'raw', m: 'cancel', a: [{ job: 'twin' }] };
    expect(await raw(cancel)).toEqual({ ok: true, value: { cancelled: true } });
  });

  it.each(['', '{', 'null', '42', '[]', '{"t":"q"}', '{"t":"q","m":1,"a":[]}', '{"t":"x"}'])(
    'drops the message %j on both sides, reports it and goes on',
    async (text) => {
      ports.port2.postMessage(text);
      ports.port1.postMessage(text);
      expect((await client.run('info', { file: 'a' })).width).toBe(8);
      expect(refusedByServer.map((error) => error.code)).toEqual(['BAD_REQUEST']);
      expect(refusedByClient.map((error) => error.code)).toEqual(['BAD_REQUEST']);
    },
  );

  it('refuses events and answers that break the schema on the client', async () => {
    for (const data of [{ job: 'x', fraction: 2 }, { fraction: 0.5 }, 'text']) {
      ports.port1.postMessage(JSON.stringify({ t: 'q', m: 'progress', a: [data] }));
    }
    ports.port1.postMessage(JSON.stringify({ t: 's', i: 'nobody asked', r: 1 }));
    await client.run('info', { file: 'a' });
    expect(refusedByClient).toHaveLength(3);
  });

  it('ends jobs in flight with the error it is closed with', async () => {
    const run = client.run('compress', { file: 'a', ...compress });
    client.close(new LaviError('ENGINE_CRASHED', 'Gone.'));
    await expect(run).rejects.toMatchObject({ code: 'ENGINE_CRASHED' });
    await expect(client.run('info', { file: 'a' })).rejects.toMatchObject({
      code: 'ENGINE_CRASHED',
    });
    await server.close();
  });
});
