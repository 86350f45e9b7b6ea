import { MessageChannel } from 'node:worker_threads';
import { appContract } from '../../src-main/api/calls/contract';
import { serveChannel } from '../../src-main/api/channel/channel';
import { portTransport } from '../../src-main/api/channel/transports';
import type { Session } from '../../src-main/session/session';
import { appCases } from './app-cases';
import { connectInside } from './inside';

async function openPort(session: Session) {
  const { port1, port2 } = new MessageChannel();
  const channel = serveChannel(appContract, portTransport(port1), session.handlers);
  const stop = session.listen(channel.emit);
  return {
    transport: portTransport(port2),
    async close() {
      stop();
      port1.close();
      port2.close();
    },
  };
}

appCases('a MessagePort', (root) => connectInside(root, openPort));
