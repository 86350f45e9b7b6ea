import { createHash } from 'node:crypto';
import { mkdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunOptions } from '../../src-main/api/jobs/client';
import type { JobArgs, JobInput, JobKind, JobResult } from '../../src-main/api/jobs/contract';
import { jobKinds } from '../../src-main/api/jobs/contract';
import { LaviError } from '../../src-main/api/errors';
import type { Engines } from '../../src-main/session/engines';

/**
 * Engines that compute nothing: sizes and rates are made up by rule, files are written as they would
 * be. A file whose content starts with `slow` is coded until cancelled, `bad` fails, `crash` ends as
 * an engine that crashed does.
 */
export class TestEngines implements Engines {
  readonly started: { kind: JobKind; args: unknown }[] = [];
  configured: unknown;
  chartsStopped = 0;
  held = 0;

  readonly main = {
    run: <Kind extends JobKind>(kind: Kind, input: JobInput<Kind>, options: RunOptions = {}) => {
      const args = jobKinds[kind].args.parse(input) as JobArgs<Kind>;
      this.started.push({ kind, args });
      const work = works[kind as keyof typeof works] as unknown as (
        args: JobArgs<Kind>,
        options: RunOptions,
      ) => Promise<JobResult<Kind>>;
      return work(args, options);
    },
    hold: () => {
      this.held++;
      return () => void this.held--;
    },
  };
  readonly pixels = this.main;
  readonly numbers = this.main;
  readonly charts = this.main;

  stopCharts(): void {
    this.chartsStopped++;
  }
  configure(options: unknown): void {
    this.configured = options;
  }
  async close(): Promise<void> {}
}

const size = { width: 2000, height: 1000 };
const pixels = size.width * size.height;

function measured(quality: number) {
  const bpp = 0.1 + quality / 50;
  return {
    ...{ quality, bpp, bytes: Math.round((bpp * pixels) / 8), psnr: 25 + quality / 8, msssim: 0.9 },
    ...{ headerBytes: 30, hyperBits: 100, latentBits: 900, modelBits: 1000 },
    ...{ lambda: 0.01, step: 8 },
  };
}

async function untilCancelled(signal: AbortSignal | undefined): Promise<never> {
  await sleep(60_000, undefined, signal && { signal }).catch(() => {});
  throw new LaviError('CANCELLED', 'The work was cancelled.');
}

const works = {
  async peek({ file, folder }: JobArgs<'peek'>) {
    const text = await readFile(file, 'utf8');
    if (text.startsWith('bad')) throw new LaviError('UNSUPPORTED_IMAGE', 'No photo.');
    const name = `${createHash('sha256').update(file).digest('hex').slice(0, 32)}.webp`;
    await writeFile(join(folder, name), 'thumbnail');
    return { ...size, thumb: { name, bytes: 9 } };
  },
  open: async () => ({ ...size, levels: 2 }),
  async measure({ quality }: JobArgs<'measure'>, { signal, onProgress }: RunOptions) {
    onProgress?.(0.5);
    if (quality === 99) return untilCancelled(signal);
    return measured(quality);
  },
  curvePoint: async ({ quality }: JobArgs<'curvePoint'>) => ({
    ...measured(quality),
    whole: false,
  }),
  async baseline({ codec, setting }: JobArgs<'baseline'>, { signal }: RunOptions) {
    if (setting === 25) return untilCancelled(signal);
    const { bytes, bpp, psnr, msssim } = measured(setting);
    return { codec, setting, bytes, bpp, psnr, msssim, whole: true };
  },
  async tiles(request: JobArgs<'tiles'>, { signal }: RunOptions) {
    const { folder, x, y, w, h, layer } = request;
    if ('quality' in layer && layer.quality === 99) return untilCancelled(signal);
    const key = JSON.stringify([layer, x, y]);
    const name = `${createHash('sha256').update(key).digest('hex').slice(0, 32)}.png`;
    await writeFile(join(folder, name), key);
    return [{ x, y, w, h, name, bytes: key.length }];
  },
  async estimate({ file, timed }: JobArgs<'estimate'>, { signal }: RunOptions) {
    const text = await readFile(file, 'utf8');
    if (text.startsWith('slow')) return untilCancelled(signal);
    if (text.startsWith('bad')) throw new LaviError('UNSUPPORTED_IMAGE', 'No photo.');
    const points = [0, 25, 50, 75, 100].map((quality) => ({ quality, bytes: 1000 + quality }));
    return { ...size, points, ...(timed && { secondsPerMegapixel: 2 }) };
  },
  async fit({ files, bytes }: JobArgs<'fit'>, { signal, onProgress }: RunOptions) {
    onProgress?.(0.5);
    if (bytes === 99) return untilCancelled(signal);
    if (bytes < 5 * files.length) {
      throw new LaviError('TARGET_UNREACHABLE', 'Too small.', { nearest: 5 * files.length });
    }
    const fitted = files.map(({ file }) => ({ file, bytes: 5, kept: false }));
    return { quality: 43.25, lambda: 0.01, bytes: 5 * files.length, files: fitted };
  },
  async export(args: JobArgs<'export'>) {
    const original = await readFile(args.file);
    await mkdir(join(args.output, '..'), { recursive: true });
    await writeFile(args.output, 'exported', { flag: 'wx' });
    return { output: args.output, bytes: 8, originalBytes: original.length, seconds: 0.1 };
  },
  worst: async () => [{ x: 0, y: 0, w: 32, h: 32, mse: 7 }],
  probe: async () => ({ bits: 12, mse: 3 }),
  async save(args: JobArgs<'save'>, { signal, onProgress }: RunOptions) {
    const original = await readFile(args.file);
    const text = original.toString();
    onProgress?.(0.5);
    if (text.startsWith('slow')) return untilCancelled(signal);
    if (text.startsWith('bad')) throw new LaviError('UNSUPPORTED_IMAGE', 'No photo.');
    if (text.startsWith('crash')) throw new LaviError('ENGINE_CRASHED', 'It ended.');
    await mkdir(join(args.output, '..'), { recursive: true });
    await writeFile(args.output, 'coded', { flag: 'wx' });
    if (args.modified !== undefined) {
      await utimes(args.output, new Date(args.modified), new Date(args.modified));
    }
    return {
      ...{ output: args.output, kept: false, bytes: 5, originalBytes: original.length },
      ...{ quality: args.quality, bpp: 1, modelBits: 8, psnr: 30, seconds: 0.1 },
    };
  },
};
