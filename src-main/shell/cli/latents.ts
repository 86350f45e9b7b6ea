import { readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { defineCommand } from 'citty';
import { z } from 'zod';
import { providerChoices } from '../../api/jobs/contract';
import { parseOrRefuse } from '../../api/channel/answer';
import { aliveBits } from '../../api/calls/contract';
import { LaviError } from '../../api/errors';
import { encodePhoto } from '../../image/output';
import { readSrgbPhoto } from '../../image/srgb';
import { writeOutput } from '../../jobs/output';
import { cropOf } from '../../latents/crop';
import { normals } from '../../latents/normals';
import { klBits, readingOf } from '../../latents/reading';
import { CROP, DIMS, rgbOf, Vae } from '../../latents/vae';
import type { ParsedArgs } from './args';
import { choiceOption, numberOption, parseStrictly, UsageError } from './args';
import { engineArgs, exitCodes, reportArgs, reportOf, requireOperands } from './common';
import type { Report } from './report';
import { modelsFolder } from '../process/paths';

const whole = { min: 0, max: 2 ** 31, whole: true } as const;
const common = {
  output: {
    type: 'string',
    alias: 'o',
    valueHint: 'DIR',
    description: 'Folder for the outputs',
    default: '.',
  },
  overwrite: { type: 'boolean', description: 'Replace outputs that exist' },
  provider: engineArgs.provider,
  ...reportArgs,
} as const;
const seedArgs = {
  seed: { type: 'string', valueHint: 'N', description: 'Seed of the first', default: '1' },
  count: { type: 'string', valueHint: 'N', description: 'How many', default: '9' },
} as const;
const place = {
  x: { type: 'string', valueHint: 'N', description: 'Left edge of the crop (default: the middle)' },
  y: { type: 'string', valueHint: 'N', description: 'Upper edge of the crop' },
} as const;

/** Runs with the VAE; what fails is said of `name`. */
async function withVae(
  parsed: ParsedArgs,
  name: string,
  work: (vae: Vae, report: Report) => Promise<void>,
): Promise<void> {
  const report = reportOf(parsed);
  let vae: Vae | undefined;
  try {
    vae = await Vae.load(modelsFolder(), choiceOption(parsed, 'provider', providerChoices));
    await work(vae, report);
  } catch (error) {
    report.failure(name, error);
    process.exitCode = exitCodes.someFailed;
  } finally {
    await vae?.close();
  }
}

async function writePicture(parsed: ParsedArgs, name: string, rgb: Uint8Array): Promise<string> {
  const output = join(String(parsed.options.output), name);
  const file = await encodePhoto({ width: CROP, height: CROP, rgb }, 'png');
  await writeOutput(output, file, { overwrite: parsed.options.overwrite === true });
  return output;
}

/** The crop that --x and --y ask for. */
function cornerOf(parsed: ParsedArgs): { x: number; y: number } | undefined {
  const [x, y] = [numberOption(parsed, 'x', whole), numberOption(parsed, 'y', whole)];
  if ((x === undefined) !== (y === undefined)) throw new UsageError('--x and --y go together.');
  return x === undefined || y === undefined ? undefined : { x, y };
}

const encodeArgs = {
  photo: { type: 'positional', required: false, description: 'The photo to take a crop of' },
  ...place,
  ...common,
} as const;
const encode = defineCommand({
  meta: { name: 'encode', description: 'Latents of a 64 × 64 crop, and what it costs in bits' },
  args: encodeArgs,
  async run({ rawArgs }) {
    const parsed = parseStrictly(rawArgs, encodeArgs);
    const [photo] = requireOperands(parsed, 'one photo', true);
    const corner = cornerOf(parsed);
    await withVae(parsed, photo!, async (vae, report) => {
      const crop = cropOf(await readSrgbPhoto(photo!), corner);
      const q = await vae.encode(crop);
      const reading = await readingOf(vae, crop, q, { samples: 1, seed: 1 });
      const bits = {
        kl: reading.rate / Math.LN2,
        global: -reading.global.logLikelihood / Math.LN2,
        predicted: -reading.predicted.logLikelihood / Math.LN2,
      };
      const kl = klBits(q);
      const output = join(
        String(parsed.options.output),
        `${basename(photo!, extname(photo!))}.latents.json`,
      );
      const latents = {
        model: vae.card.id,
        mean: [...q.mean],
        sigma: [...q.sigma],
        klBits: [...kl],
      };
      const text = new TextEncoder().encode(`${JSON.stringify(latents)}\n`);
      await writeOutput(output, text, { overwrite: parsed.options.overwrite === true });
      const perDim = {
        global: (bits.kl + bits.global) / DIMS,
        predicted: (bits.kl + bits.predicted) / DIMS,
      };
      const alive = kl.filter((one) => one > aliveBits).length;
      report.result(
        { file: photo, output, latents: kl.length, alive, bits, bitsPerDimension: perDim },
        `${photo} → ${output}: KL ${bits.kl.toFixed(1)} bits, ${alive} of ${kl.length} latents alive, ` +
          `${perDim.global.toFixed(3)} bits per dimension with a global γ, ${perDim.predicted.toFixed(3)} with a predicted one`,
      );
    });
  },
});

const latentsSchema = z.object({ model: z.string(), mean: z.array(z.number()) });

const decodeArgs = {
  file: { type: 'positional', required: false, description: 'What encode wrote' },
  ...common,
} as const;
const decode = defineCommand({
  meta: { name: 'decode', description: 'The picture of latents' },
  args: decodeArgs,
  async run({ rawArgs }) {
    const parsed = parseStrictly(rawArgs, decodeArgs);
    const [file] = requireOperands(parsed, 'one file of latents', true);
    await withVae(parsed, file!, async (vae, report) => {
      const { model, mean } = await readLatents(file!);
      if (model !== vae.card.id || mean.length !== vae.card.latents) {
        throw new LaviError(
          'MODEL_MISMATCH',
          `Expected ${vae.card.latents} latents of the model ${vae.card.id} and found ${mean.length} of ${model}.`,
        );
      }
      const rgb = rgbOf(await vae.decode(Float64Array.from(mean)));
      const output = await writePicture(parsed, `${basename(file!, '.latents.json')}.png`, rgb);
      report.result({ file, output }, `${file} → ${output}`);
    });
  },
});

async function readLatents(file: string): Promise<z.output<typeof latentsSchema>> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new LaviError(
      missing ? 'FILE_NOT_FOUND' : 'FILE_UNREADABLE',
      missing
        ? `There is no file ${file}.`
        : `Expected latents, as encode writes them, in ${file}.`,
      undefined,
      { cause },
    );
  }
  return parseOrRefuse(latentsSchema, json, `The latents in ${file}`);
}

const sampleArgs = { ...seedArgs, ...common } as const;
const sample = defineCommand({
  meta: { name: 'sample', description: 'Pictures of z drawn from N(0, I)' },
  args: sampleArgs,
  async run({ rawArgs }) {
    const parsed = parseStrictly(rawArgs, sampleArgs);
    if (parsed.operands.length > 0) throw new UsageError(`Expected no file, found ${parsed.operands[0]}.`); // prettier-ignore
    const seed = numberOption(parsed, 'seed', whole)!;
    const count = numberOption(parsed, 'count', { min: 1, max: 10_000, whole: true })!;
    await withVae(parsed, 'sample', async (vae, report) => {
      for (let i = 0; i < count; i++) {
        const next = normals(seed + i);
        const latents = Float64Array.from({ length: vae.card.latents }, next);
        const rgb = rgbOf(await vae.decode(latents));
        const output = await writePicture(parsed, `sample-${seed + i}.png`, rgb);
        report.result({ seed: seed + i, output }, output);
      }
    });
  },
});

const interpolateArgs = {
  photos: { type: 'positional', required: false, description: 'Two photos' },
  count: { ...seedArgs.count, description: 'How many pictures, both ends included' },
  ...common,
} as const;
const interpolate = defineCommand({
  meta: { name: 'interpolate', description: 'Pictures between the middles of two photos' },
  args: interpolateArgs,
  async run({ rawArgs }) {
    const parsed = parseStrictly(rawArgs, interpolateArgs);
    const photos = requireOperands(parsed, 'two photos');
    if (photos.length !== 2) throw new UsageError(`Expected two photos, found ${photos.length}.`);
    const count = numberOption(parsed, 'count', { min: 2, max: 1000, whole: true })!;
    await withVae(parsed, photos.join(', '), async (vae, report) => {
      const ends: Float64Array[] = [];
      for (const photo of photos) {
        ends.push((await vae.encode(cropOf(await readSrgbPhoto(photo)))).mean);
      }
      for (let i = 0; i < count; i++) {
        const share = i / (count - 1);
        const latents = ends[0]!.map((from, d) => (1 - share) * from + share * ends[1]![d]!);
        const name = `between-${String(i + 1).padStart(String(count).length, '0')}.png`;
        const output = await writePicture(parsed, name, rgbOf(await vae.decode(latents)));
        report.result({ share, output }, output);
      }
    });
  },
});

/** The Gaussian VAE on the command line. */
export const latentsCommand = defineCommand({
  meta: { name: 'latents', description: 'A Gaussian VAE of 64 × 64 crops' },
  subCommands: { encode, decode, sample, interpolate },
});
