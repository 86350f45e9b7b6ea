import { basename, extname } from 'node:path';
import { defineCommand } from 'citty';
import { readSrgbPhoto } from '../../image/srgb';
import { refuseExisting, writeOutput } from '../../jobs/output';
import { distinctColours } from '../../latents/colours';
import { covarianceShapes } from '../../latents/covariance';
import type { Fit } from '../../latents/em';
import type { PaletteColour, PaletteFormat } from '../../latents/palette';
import { byWeight, coloursOf, encodePalette, hexOf, paletteFormats } from '../../latents/palette';
import { quickFit } from '../../latents/photo-mixture';
import { maxColourCount } from '../../latents/segment';
import type { ParsedArgs } from './args';
import { choiceOption, numberOption, parseStrictly, UsageError } from './args';
import { exitCodes, reportArgs, reportOf, requireOperands } from './common';
import { tableText } from './report';

const args = {
  photo: { type: 'positional', required: false, description: 'The photo to find colours in' },
  k: { type: 'string', valueHint: 'N', description: 'How many colours', default: '8' },
  hard: { type: 'boolean', description: 'Hard EM: each pixel belongs to one colour alone' },
  covariance: {
    type: 'string',
    valueHint: 'SHAPE',
    description: `Shape of each colour's cloud in OKLab: ${covarianceShapes.join(', ')}`,
    default: 'full',
  },
  seed: { type: 'string', valueHint: 'N', description: 'Seed of the first means', default: '1' },
  output: {
    type: 'string',
    alias: 'o',
    valueHint: 'FILE',
    description: `Also write the palette, as ${paletteFormats.join(', ')} by the file's name`,
  },
  overwrite: { type: 'boolean', description: 'Replace an output that exists' },
  ...reportArgs,
} as const;

export const paletteCommand = defineCommand({
  meta: { name: 'palette', description: 'Find the colours of a photo by EM' },
  args,
  async run({ rawArgs }) {
    const parsed = parseStrictly(rawArgs, args);
    const [photo] = requireOperands(parsed, 'one photo', true);
    const k = numberOption(parsed, 'k', { min: 1, max: maxColourCount, whole: true })!;
    const seed = numberOption(parsed, 'seed', { min: 0, max: 2 ** 32 - 1, whole: true })!;
    const covariance = choiceOption(parsed, 'covariance', covarianceShapes)!;
    const output = outputOf(parsed);
    const overwrite = parsed.options.overwrite === true;
    const report = reportOf(parsed);
    try {
      if (output) await refuseExisting(output.path, overwrite);
      const { rgb } = await readSrgbPhoto(photo!);
      const method = parsed.options.hard === true ? 'hard-em' : 'em';
      const fit = quickFit(distinctColours(rgb), k, { method, covariance, seed }).run();
      const colours = byWeight(coloursOf(fit.mixture));
      if (output) {
        const name = basename(photo!, extname(photo!));
        const file = await encodePalette(colours, output.format, name);
        await writeOutput(output.path, file, { overwrite });
      }
      report.result({ k: colours.length, steps: stepsOf(fit), colours }, textOf(fit, colours));
    } catch (error) {
      report.failure(photo!, error);
      process.exitCode = exitCodes.someFailed;
    }
  },
});

function outputOf({ options }: ParsedArgs): { path: string; format: PaletteFormat } | undefined {
  if (options.output === undefined) return undefined;
  const path = String(options.output);
  const format = paletteFormats.find((one) => path.toLowerCase().endsWith(`.${one}`));
  if (format) return { path, format };
  const endings = paletteFormats.map((one) => `.${one}`).join(', ');
  throw new UsageError(
    `Option --output expects a file name ending in ${endings}, found "${path}".`,
  );
}

const stepsOf = ({ steps }: Fit) =>
  steps.map(({ step, half, logLikelihood, elbo, kl }) => ({ step, half, logLikelihood, elbo, kl }));

function textOf({ steps }: Fit, colours: PaletteColour[]): string {
  const last = steps.at(-1)!;
  const rows = colours.map((colour) => [
    hexOf(colour),
    colour.rgb.join(' '),
    ...colour.lab.map((value) => value.toFixed(4)),
    `${(100 * colour.weight).toFixed(2)} %`,
  ]);
  const measures = (['logLikelihood', 'elbo', 'kl'] as const).map((name) => last[name].toFixed(6));
  return [
    tableText([['colour', 'RGB', 'L', 'a', 'b', 'weight'], ...rows]),
    `ln P ${measures[0]} = ELBO ${measures[1]} + KL ${measures[2]} nats a pixel (OKLab), round ${last.step}`,
  ].join('\n');
}
