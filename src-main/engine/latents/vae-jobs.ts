import type { JobHandlers } from '../common/job';
import type { ProviderChoice } from '../../api/jobs/contract';
import { LaviError } from '../../api/errors';
import type { vaeJobs } from '../../api/jobs/latents/vae';
import { inSrgb } from '../../image/srgb';
import type { Lane } from '../../jobs/queue';
import { throwIfCancelled } from '../../jobs/queue';
import { cornerOf, cropOf } from '../../latents/crop';
import { normals } from '../../latents/normals';
import { klBits, readingOf, squaredError, tradeoffOf } from '../../latents/reading';
import { CROP, DIMS, type Posterior, rgbOf, Vae } from '../../latents/vae';
import type { Codec } from '../../rda/codec';
import { LruCache } from '../common/lru-cache';
import { atMost, OpenedPhotos } from '../common/opened';
import { writePicture } from '../common/written';

export type VaeJob = keyof typeof vaeJobs;

export const vaeLanes: Record<VaeJob, Lane> = {
  vaeSamples: 'numbers',
  vaeEncode: 'numbers',
  vaeDecode: 'numbers',
  vaeBetween: 'numbers',
};

/** Photos that crops are picked from are shown at most this large. */
const PREVIEW_SIDE = 768;

/** A crop of a photo and what the encoder says of it. */
interface Encoded {
  place: { width: number; height: number; at: { x: number; y: number } };
  rgb: Uint8Array;
  q: Posterior;
}

interface VaeOptions {
  modelsDir: string;
  provider?: ProviderChoice;
}

/** The jobs about the Gaussian VAE. What they keep is a cache: every reading can be made again. */
export function vaeHandlers(
  codec: () => Promise<Codec>,
  { modelsDir, provider }: VaeOptions,
): JobHandlers<VaeJob, { signal: AbortSignal }> {
  const photos = new OpenedPhotos(codec, inSrgb);
  const encodings = new LruCache<Encoded>(8);
  let loaded: Promise<Vae> | undefined;
  const vaeOf = () => {
    const vae = (loaded ??= Vae.load(modelsDir, provider));
    // A model that is put in place later is found then.
    vae.catch(() => (loaded = undefined));
    return vae;
  };
  const encodedOf = async (file: string, wanted: { x: number; y: number } | null) => {
    const { photo, key, original } = await photos.get(file);
    const at = cornerOf(photo, wanted ?? undefined);
    const encoded = await encodings.get(`${key}\0${at.x},${at.y}`, async () => {
      const rgb = cropOf(photo, at);
      const { width, height } = photo;
      return { place: { width, height, at }, rgb, q: await (await vaeOf()).encode(rgb) };
    });
    return { ...encoded, original };
  };
  const previewOf = (folder: string, original: Parameters<typeof atMost>[0]) => {
    const { width, height, rgb } = atMost(original, PREVIEW_SIDE);
    return writePicture(folder, { width, height, channels: 3, data: rgb });
  };
  return {
    async vaeSamples({ seed, count, temperature, folder }, { signal }) {
      const vae = await vaeOf();
      const pictures = [];
      for (let i = 0; i < count; i++) {
        await turn(signal);
        const next = normals(seed + i);
        const z = Float64Array.from({ length: vae.card.latents }, () => temperature * next());
        pictures.push(await writeCrop(folder, rgbOf(await vae.decode(z))));
      }
      return { latents: vae.card.latents, pictures };
    },

    async vaeEncode({ file, at, samples, seed, folder }, { signal }) {
      const vae = await vaeOf();
      const { place, rgb, q, original } = await encodedOf(file, at);
      const { density, ...reading } = await readingOf(vae, rgb, q, { samples, seed }, () =>
        turn(signal),
      );
      const { logGamma } = vae.card;
      const bits = klBits(q);
      const latents = Array.from(q.mean, (mean, i) => ({
        ...{ mean, sigma: q.sigma[i]!, bits: bits[i]! },
      }));
      return {
        reading: {
          ...{ ...place, dims: DIMS, latents, samples, ...reading, gamma: Math.exp(logGamma) },
          tradeoff: tradeoffOf(reading, logGamma),
          continuous: reading.rate - density,
        },
        preview: await previewOf(folder, original),
        crop: await writeCrop(folder, rgb),
        reconstruction: await writeCrop(folder, rgbOf(await vae.decode(q.mean))),
      };
    },

    async vaeDecode({ file, at, moved, temperature, seed, folder }) {
      const vae = await vaeOf();
      const { rgb, q } = await encodedOf(file, at);
      const next = normals(seed);
      const z = q.mean.map((mean, i) => mean + temperature * q.sigma[i]! * next());
      for (const { index, value } of moved) {
        if (index >= z.length) {
          throw new LaviError(
            'BAD_REQUEST',
            `Expected one of ${z.length} latents and found ${index}.`,
          );
        }
        z[index] = value;
      }
      const decoded = await vae.decode(z);
      return {
        picture: await writeCrop(folder, rgbOf(decoded)),
        error: squaredError(rgb, decoded),
      };
    },

    async vaeBetween({ from, to, count, folder }, { signal }) {
      const vae = await vaeOf();
      const crops = [await encodedOf(from.file, from.at), await encodedOf(to.file, to.at)];
      const [start, end] = crops.map(({ q }) => q.mean) as [Float64Array, Float64Array];
      const pictures = [];
      for (let i = 0; i < count; i++) {
        await turn(signal);
        const share = i / (count - 1);
        const z = start.map((mean, d) => (1 - share) * mean + share * end[d]!);
        pictures.push(await writeCrop(folder, rgbOf(await vae.decode(z))));
      }
      const ends = [];
      for (const { place, rgb, original } of crops) {
        const preview = await previewOf(folder, original);
        ends.push({ ...place, preview, crop: await writeCrop(folder, rgb) });
      }
      return { ends, pictures };
    },
  };
}

const writeCrop = (folder: string, data: Uint8Array) =>
  writePicture(folder, { width: CROP, height: CROP, channels: 3, data });

/** Cancelling arrives as a message: it needs a turn of the event loop. */
async function turn(signal: AbortSignal): Promise<void> {
  await new Promise(setImmediate);
  throwIfCancelled(signal);
}
