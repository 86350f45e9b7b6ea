import type { JobArgs, JobKind, JobResult } from '../../src-main/api/jobs/contract';
import { LaviError } from '../../src-main/api/errors';
import type { JobContext, JobRunner } from '../../src-main/engine/engine';

/**
 * Jobs whose outcome the file's name asks for, in place of nets: the contract is what is tested.
 * `info` answers; `compress` works until cancelled.
 */
export const testEngine: JobRunner = {
  async run<Kind extends JobKind>(
    kind: Kind,
    args: JobArgs<Kind>,
    { signal, onProgress }: JobContext,
  ): Promise<JobResult<Kind>> {
    const { file } = args as { file: string };
    onProgress(0.25);
    if (kind === 'compress') {
      await new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(new LaviError('CANCELLED', 'Cancelled.')));
      });
    }
    if (file === 'bug') throw new TypeError('x is not a function');
    if (file === 'corrupt') throw new LaviError('CORRUPT', 'A bad file.', { chunk: 3 });
    if (file === 'exit') process.exit(7);
    if (file === 'abort') {
      console.error('terminate called without an active exception');
      process.abort();
    }
    onProgress(1);
    const bytes = file === 'wrong shape' ? -1 : 12;
    const of = { model: 'm', tune: 'psnr', quality: 50 } as const;
    const info = { file, width: 8, height: 4, bytes, bpp: 3, ...of };
    return { ...info, modelBits: 90, pid: process.pid } as unknown as JobResult<Kind>;
  },
};
