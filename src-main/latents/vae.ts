import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { LaviError } from '../api/errors';
import type { ProviderChoice, WarmUp } from '../onnx/providers';
import { chooseProvider, wave } from '../onnx/providers';
import { Net } from '../onnx/session';

/** models/vae.json as the export writes it. */
const cardSchema = z.object({
  id: z.string(),
  size: z.literal(64),
  latents: z.int().positive(),
  /** ln γ of the global head. */
  logGamma: z.number(),
  parameters: z.int().positive(),
  training: z.object({ steps: z.number(), minutes: z.number(), note: z.string() }),
});

/** Side of the crops that the VAE is of. */
export const CROP = 64;
export const DIMS = 3 * CROP * CROP;

/** q(z|y) = N(mean, σ²), beside the prior N(0, 1) of every latent. */
export interface Posterior {
  mean: Float64Array;
  sigma: Float64Array;
}

/** p(y|z): a mean and ln γ for every sample, planes of red, green and blue, in 0…1. */
export interface Decoded {
  mean: Float32Array;
  logGamma: Float32Array;
}

/** The encoder on a made-up crop. */
export const vaeWarmUp: WarmUp = {
  net: 'vae-encoder',
  inputs: () => ({ photo: { data: wave(DIMS), shape: [1, 3, CROP, CROP] } }),
  output: 'mean',
};

/** The Gaussian VAE of 64 × 64 crops. */
export class Vae {
  private constructor(
    readonly card: z.output<typeof cardSchema>,
    private readonly encoder: Net,
    private readonly decoder: Net,
  ) {}

  /** @throws LaviError MODEL_MISSING, MODEL_MISMATCH, PROVIDER_UNAVAILABLE */
  static async load(modelsDir: string, choice?: ProviderChoice): Promise<Vae> {
    const path = join(modelsDir, 'vae.json');
    const text = await readFile(path, 'utf8').catch((cause: unknown) => {
      const message = `Expected the VAE's card at ${path}, found none.`;
      throw new LaviError('MODEL_MISSING', message, undefined, { cause });
    });
    const card = cardSchema.safeParse(JSON.parse(text));
    if (!card.success) {
      throw new LaviError('MODEL_MISMATCH', `${path} is no card of a VAE of 64 × 64 crops.`);
    }
    const trial = { modelsDir, threads: 1, warmUp: vaeWarmUp };
    const { choice: provider } = await chooseProvider({
      ...trial,
      ...(choice && { provider: choice }),
    });
    const load = (name: string) =>
      Net.load(join(modelsDir, `vae-${name}.onnx`), { provider, threads: 1 });
    const [encoder, decoder] = await Promise.all([load('encoder'), load('decoder')]);
    return new Vae(card.data, encoder, decoder);
  }

  /** @param rgb of a crop, 64 × 64 × 3 interleaved, 8-bit */
  async encode(rgb: Uint8Array): Promise<Posterior> {
    const planes = new Float32Array(DIMS);
    for (let i = 0; i < DIMS; i++)
      planes[(i % 3) * CROP * CROP + Math.floor(i / 3)] = rgb[i]! / 255;
    const out = await this.encoder.run({ photo: { data: planes, shape: [1, 3, CROP, CROP] } });
    const { mean, log_sigma: log } = out;
    return { mean: Float64Array.from(mean!.data), sigma: Float64Array.from(log!.data, Math.exp) };
  }

  /** @param latents one value each, in units of the prior */
  async decode(latents: Float64Array): Promise<Decoded> {
    const data = Float32Array.from(latents);
    const out = await this.decoder.run({ z: { data, shape: [1, data.length] } });
    return { mean: out['mean']!.data, logGamma: out['log_gamma']!.data };
  }

  async close(): Promise<void> {
    await Promise.all([this.encoder.close(), this.decoder.close()]);
  }
}

/** Decoded planes as 8-bit samples, interleaved. */
export function rgbOf({ mean }: Decoded): Uint8Array {
  const rgb = new Uint8Array(DIMS);
  for (let i = 0; i < DIMS; i++) {
    const value = mean[(i % 3) * CROP * CROP + Math.floor(i / 3)]!;
    rgb[i] = Math.round(255 * Math.min(1, Math.max(0, value)));
  }
  return rgb;
}
