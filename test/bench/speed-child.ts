import { readFile, writeFile } from 'node:fs/promises';
import { decodeBaseline, encodeBaseline } from '../../src-main/image/baselines';
import type { BaselineSetting } from '../../src-main/image/baselines';
import { Codec } from '../../src-main/rda/codec';

/** One measurement, made in a process of its own so that its peak memory is its own. */
export interface SpeedTask {
  action: 'encode' | 'decode';
  codec: 'lavi' | BaselineSetting;
  /** Our codec's quality, 0…100. */
  quality: number;
  modelsDir: string;
  threads?: number;
  width: number;
  height: number;
  /** Raw RGB samples. */
  pixels: string;
  /** Written by encode, read by decode. */
  file: string;
  /** Decoded samples go here if given. */
  decoded?: string;
  /** Repeats end after this many or once `seconds` are spent, but never before the first. */
  repeats: number;
  seconds: number;
}

export interface SpeedResult {
  /** The median of the repeats, after one warm-up run where there were several. */
  ms: number;
  runs: number;
  bytes: number;
  /** Model loading, ours only. */
  loadMs: number;
  peakRssMb: number;
}

export async function runTask(task: SpeedTask): Promise<SpeedResult> {
  const { width, height } = task;
  let loadMs = 0;
  let codec: Codec | undefined;
  if (task.codec === 'lavi') {
    const start = performance.now();
    const { modelsDir, threads } = task;
    codec = await Codec.load({ modelsDir, provider: 'cpu', ...(threads && { threads }) });
    loadMs = performance.now() - start;
  }
  const input = await readFile(task.action === 'encode' ? task.pixels : task.file);
  let output: Uint8Array = input;
  const once = async (): Promise<number> => {
    const start = performance.now();
    if (task.codec !== 'lavi') {
      output =
        task.action === 'encode'
          ? await encodeBaseline({ width, height, rgb: input }, task.codec)
          : await decodeBaseline(input);
    } else if (task.action === 'encode') {
      const target = { kind: 'quality', value: task.quality } as const;
      const photo = { width, height, rgb: input };
      output = (await codec!.compress(photo, { target, measure: false })).file;
    } else {
      output = (await codec!.decompress(input)).rgb;
    }
    return performance.now() - start;
  };
  const times: number[] = [];
  for (let spent = 0; times.length < task.repeats && spent < 1000 * task.seconds;) {
    times.push(await once());
    spent += times.at(-1)!;
  }
  // maxRSS is in kilobytes on every platform that Node runs on.
  const peakRssMb = process.resourceUsage().maxRSS / 1024;
  await codec?.close();
  if (task.action === 'encode') await writeFile(task.file, output);
  else if (task.decoded) await writeFile(task.decoded, output);
  const kept = (times.length > 1 ? times.slice(1) : times).sort((a, b) => a - b);
  const bytes = task.action === 'encode' ? output.length : input.length;
  return { ms: kept[kept.length >> 1]!, runs: kept.length, bytes, loadMs, peakRssMb };
}
