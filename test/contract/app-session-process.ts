import { appContract } from '../../src-main/api/calls/contract';
import { serveChannel } from '../../src-main/api/channel/channel';
import { processTransport } from '../../src-main/shell/process/transport';
import { testSession } from './app';
import { insideContract, insideHandlers } from './inside';

// A session in a process of its own, for whoever forked it: the app's calls, and what tests look at.
const [root, modelsDir] = process.argv.slice(2) as [string, string];
const { session, engines } = await testSession({ root, modelsDir });
const contract = {
  calls: { ...appContract.calls, ...insideContract.calls },
  events: appContract.events,
};
const handlers = { ...session.handlers, ...insideHandlers(session, engines) };
const channel = serveChannel(contract, processTransport(process), handlers);
session.listen(channel.emit);
process.on('disconnect', () => void session.close().then(() => process.exit(0)));
process.send?.('ready');
