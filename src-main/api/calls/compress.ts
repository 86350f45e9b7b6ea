import { z } from 'zod';
import { bytes, decibels, quality } from '../shapes';

export const baselineCodecs = ['jpeg', 'webp', 'avif'] as const;
export const baselineCodec = z.enum(baselineCodecs);
export type BaselineCodec = z.infer<typeof baselineCodec>;

/** Where the overlays reach full strength: bits per pixel of a block; root mean square error, 0…255. */
export const overlayFull = { bits: 2, error: 24 } as const;

/** What a picture shows. Overlays are transparent where nothing is spent or lost. */
export const layerSchema = z.discriminatedUnion('what', [
  z.object({ what: z.literal('original') }),
  z.object({ what: z.literal('decoded'), quality }),
  /** Bits spent per 16 × 16 block, by the entropy model. */
  z.object({ what: z.literal('bits'), quality }),
  /** Root mean square error per pixel. */
  z.object({ what: z.literal('error'), quality }),
  /** Another codec, at a setting that `photo.match` or `photo.baselines` named. */
  z.object({ what: z.literal('baseline'), codec: baselineCodec, setting: z.int().min(1).max(100) }),
]);
export type Layer = z.infer<typeof layerSchema>;

/** Decoded and measured on the whole file. */
export const measureSchema = z.object({
  quality,
  bytes,
  bpp: z.number().positive(),
  psnr: decibels,
  msssim: z.number().max(1),
  /** Everything in the file that is not range-coded symbols: header, profile, metadata, alpha. */
  headerBytes: bytes,
  /** −Σ log₂ p over the hyper-latents and over the latents. */
  hyperBits: z.number().nonnegative(),
  latentBits: z.number().nonnegative(),
  modelBits: z.number().nonnegative(),
  lambda: z.number().positive(),
  /** The quantization step of the latents: geometric mean over their channels, as 8-bit levels. */
  step: z.number().positive(),
});
export type Measure = z.infer<typeof measureSchema>;

/** Photos of more pixels are measured on patches where the whole would take too long. */
export const sheetPixels = 2 ** 21;

/**
 * Measured; of photos above 2 megapixels on a sheet of eight of their 512 × 512 patches, the same for
 * every codec, in which case `bytes` are the sheet's bits per pixel times the photo's pixels.
 */
export const curvePointSchema = z.object({
  quality,
  bytes,
  bpp: z.number().positive(),
  psnr: decibels,
  msssim: z.number().max(1),
});
export type CurvePoint = z.infer<typeof curvePointSchema>;

export const baselinePointSchema = z.object({
  codec: baselineCodec,
  setting: z.int().min(1).max(100),
  bytes,
  bpp: z.number().positive(),
  psnr: decibels,
  msssim: z.number().max(1),
});
export type BaselinePoint = z.infer<typeof baselinePointSchema>;
