import type { ProviderChoice } from '../../api/choices';
import { colorWarmUp } from '../../colorize/model';
import { encodePhoto } from '../../image/output';
import { readPhoto } from '../../image/photo';
import { readInput } from '../../jobs/input';
import { refuseExisting, writeOutput } from '../../jobs/output';
import { partProgress } from '../../jobs/progress';
import type { Lane } from '../../jobs/queue';
import { throwIfCancelled } from '../../jobs/queue';
import { vaeWarmUp } from '../../latents/vae';
import type { ProviderTrial, WarmUp } from '../../onnx/providers';
import { chooseProvider, codecWarmUp } from '../../onnx/providers';
import type { Codec } from '../../rda/codec';
import { readManifest } from '../../rda/manifest';
import type { JobHandlers } from '../common/job';
import { compareCodecs, finiteOrNull } from './compare';
import { refuseMore } from './fit';

type FileJob = keyof typeof fileLanes;

export const fileLanes = {
  info: 'numbers',
  models: 'numbers',
  compress: 'saving',
  decompress: 'saving',
  compare: 'chart',
} as const satisfies Record<string, Lane>;

interface NetOptions {
  modelsDir: string;
  provider?: ProviderChoice;
  threads?: number;
}

interface FileJobOptions {
  /** Loaded when first needed. */
  codec: () => Promise<Codec>;
  options: NetOptions;
}

/** The jobs on whole files that the command line is made of, but for the colorizer's. */
export function fileHandlers({ codec, options }: FileJobOptions): JobHandlers<FileJob> {
  return {
    async compress({ file, output, atMost, ...options }, { signal, onProgress }) {
      await refuseExisting(output, options.overwrite);
      const photo = await readPhoto(file);
      throwIfCancelled(signal);
      const loaded = await codec();
      const result = await loaded.compress(photo, {
        ...options,
        signal,
        onProgress: partProgress(onProgress, 0.02, 0.99),
      });
      refuseMore(result.file.length, atMost);
      await writeOutput(output, result.file, { overwrite: options.overwrite, signal });
      onProgress(1);
      const { width, height, source } = photo;
      const { quality, bpp, modelBits, seconds } = result;
      return {
        ...{ file, output, width, height, quality },
        bytes: result.file.length,
        originalBytes: source?.bytes ?? 0,
        ...{ bpp, modelBits, psnr: finiteOrNull(result.psnr), seconds },
      };
    },

    async decompress({ file, output, ...options }, { signal, onProgress }) {
      await refuseExisting(output, options.overwrite);
      const bytes = await readInput(file);
      const loaded = await codec();
      const began = performance.now();
      const photo = await loaded.decompress(bytes, {
        signal,
        onProgress: partProgress(onProgress, 0, 0.9),
      });
      const seconds = (performance.now() - began) / 1000;
      const { format, formatQuality: quality } = options;
      const written = await encodePhoto(photo, format, quality === undefined ? {} : { quality });
      await writeOutput(output, written, { overwrite: options.overwrite, signal });
      onProgress(1);
      const { width, height } = photo;
      return { file, output, width, height, bytes: written.length, seconds };
    },

    async info({ file }) {
      const bytes = await readInput(file);
      return { file, ...(await (await codec()).info(bytes)) };
    },

    async compare({ file }, context) {
      const photo = await readPhoto(file);
      const { width, height } = photo;
      const points = await compareCodecs(await codec(), photo, context);
      return { file, width, height, points };
    },

    async models() {
      const { id } = await readManifest(options.modelsDir);
      const codecs = await usedFor(options, codecWarmUp);
      const others = [
        { net: 'colorizer' as const, ...(await usedFor(options, colorWarmUp)) },
        { net: 'vae' as const, ...(await usedFor(options, vaeWarmUp)) },
      ];
      return { model: id, ...codecs, others };
    },
  };
}

/** What runs a kind of nets, and what each provider did on the warm-up. */
async function usedFor(options: NetOptions, warmUp: WarmUp) {
  const { present, choice, why, trials } = await chooseProvider({ ...options, warmUp });
  const providers = present.map((name) => {
    const trial: Partial<ProviderTrial> = trials.find((one) => one.provider === name) ?? {};
    const { ms, cpuMs, difference, failure } = trial;
    return {
      name,
      used: name === choice,
      ms,
      cpuMs,
      failure,
      ...(difference !== undefined && { difference: finiteOrNull(difference) }),
    };
  });
  return { used: choice, why, providers };
}
