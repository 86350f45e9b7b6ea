import type { JobRunner } from '../../engine/engine';
import { processTransport } from './transport';
import { serveEngine } from './serve';

/** Makes this process the engine of the one that forked it, until that one goes. */
export function serveProcess(engine: JobRunner): void {
  const server = serveEngine(processTransport(process), engine, (error) => {
    process.stderr.write(`refused: ${error.message}\n`);
  });
  const leave = () => {
    // exit() runs the clean-up of unfinished outputs; a net that blocks may not outlive its shell.
    void Promise.race([server.close(), new Promise((done) => setTimeout(done, 1000))]).then(() =>
      process.exit(0),
    );
  };
  process.on('disconnect', leave);
  process.on('SIGTERM', leave);
  // Ctrl-C reaches the whole process group: the shell decides what it means.
  process.on('SIGINT', () => {});
}
