import { fork } from 'node:child_process';
import { once } from 'node:events';
import { dirname } from 'node:path';
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll } from 'vitest';
import { openChannel } from '../../src-main/api/channel/channel';
import { processTransport } from '../../src-main/shell/process/transport';
import { modelsDir } from './app';
import { appCases } from './app-cases';
import { bundle } from './bundle';
import { insideContract } from './inside';

let script: string;
beforeAll(async () => {
  script = await bundle('app-session-process');
});
afterAll(() => rm(dirname(script), { recursive: true, force: true }));

appCases('process IPC', async (root) => {
  const child = fork(script, [root, modelsDir], { serialization: 'json', execArgv: [] });
  await once(child, 'message');
  const transport = processTransport(child);
  return {
    transport,
    inside: openChannel(insideContract, transport, {}).call,
    async close() {
      const gone = once(child, 'exit');
      child.disconnect();
      await gone;
    },
  };
});
