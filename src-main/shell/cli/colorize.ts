import { defineCommand } from 'citty';
import { draws } from '../../api/calls/colorize';
import { colourFormats } from '../../api/calls/settings';
import { MAX_SAMPLES, MAX_SEED } from '../../api/jobs/colorize/command';
import {
  dotted,
  isColouredName,
  laviExtension,
  photoExtensions,
  writtenExtensions,
} from '../../api/formats';
import { choiceOption, numberOption, parseStrictly } from './args';
import { engineArgs, engineOf, outputArgs, reportArgs } from './common';
import { reportOf, requireOperands, runBatch } from './common';
import { planBatch } from './inputs';

const args = {
  files: { type: 'positional', required: false, description: 'Photos, and folders of photos' },
  samples: {
    type: 'string',
    valueHint: 'N',
    description: 'Colourings of each photo',
    default: '1',
  },
  seed: {
    type: 'string',
    valueHint: 'S',
    description: 'Seed of the first one; 0: the likeliest',
    default: '0',
  },
  temperature: {
    type: 'string',
    valueHint: 'T',
    description: 'Of the draws: 0: the likeliest alone, above: bolder (0.8, by model 1)',
  },
  draw: {
    type: 'string',
    valueHint: 'WAY',
    description: 'regions: regions draw together; model: as the model draws, cell by cell',
    default: 'regions',
  },
  labels: {
    type: 'string',
    valueHint: 'PNG',
    description: 'A label map to hold to (see segment); its void label leaves cells free',
  },
  vivid: { type: 'string', valueHint: 'V', description: 'Factor on chroma', default: '1.2' },
  format: {
    type: 'string',
    valueHint: 'NAME',
    description: `Format to write: ${colourFormats.join(', ')}`,
    default: 'png',
  },
  quality: {
    type: 'string',
    valueHint: '1…100',
    description: "The format's own quality, for jpeg, webp and avif; 0…100 for lavi (50)",
  },
  metadata: {
    type: 'boolean',
    default: true,
    description: 'Keep EXIF and XMP',
    negativeDescription: 'Leave EXIF and XMP out (the colour profile stays)',
  },
  note: {
    type: 'boolean',
    default: true,
    description: 'Say in XMP that a model coloured the picture',
    negativeDescription: 'Do not say so',
  },
  ...outputArgs,
  ...engineArgs,
  ...reportArgs,
} as const;

export const colorizeCommand = defineCommand({
  meta: { name: 'colorize', description: 'Colour grey photos, in several believable ways' },
  args,
  async run({ rawArgs }) {
    const parsed = parseStrictly(rawArgs, args);
    const paths = requireOperands(parsed, 'photos or folders to colour');
    const samples = numberOption(parsed, 'samples', { min: 1, max: MAX_SAMPLES, whole: true });
    const seed = numberOption(parsed, 'seed', { min: 0, max: MAX_SEED, whole: true });
    const draw = choiceOption(parsed, 'draw', draws) ?? 'regions';
    const temperature =
      numberOption(parsed, 'temperature', { min: 0, max: 10 }) ?? (draw === 'model' ? 1 : 0.8);
    const vivid = numberOption(parsed, 'vivid', { min: 0, max: 4 });
    const format = choiceOption(parsed, 'format', colourFormats) ?? 'png';
    const range = format === 'lavi' ? { min: 0, max: 100 } : { min: 1, max: 100, whole: true };
    const quality = numberOption(parsed, 'quality', range);
    const report = reportOf(parsed);
    const { output, labels, metadata, note, overwrite } = parsed.options;
    const engine = await engineOf(parsed);
    const items = await planBatch(paths, {
      extensions: dotted(photoExtensions),
      skip: isColouredName,
      outputExtension: `.colour.${format === 'lavi' ? laviExtension : writtenExtensions[format]}`,
      outputFolder: output as string | undefined,
    });
    await runBatch({
      engine,
      report,
      kind: 'colorize',
      items,
      job: (item) => ({
        ...{
          file: item.file,
          output: item.output,
          format,
          samples,
          seed,
          temperature,
          draw,
          vivid,
        },
        ...(labels !== undefined && { labels: String(labels) }),
        ...(quality !== undefined &&
          (format === 'lavi' ? { quality } : { formatQuality: quality })),
        metadata: metadata === true,
        note: note === true,
        overwrite: overwrite === true,
      }),
      done: ({ file, width, height, samples: done }) => {
        for (const one of done) {
          const { output: written, sample, seed: own, seconds, ...bits } = one;
          report.result(
            { file, output: written, sample, seed: own, ...bits, seconds },
            `${file} → ${written}  ${width}×${height}  seed ${own}  labels ${bits.bitsLabels.toFixed(0)} + ` +
              `colour ${bits.bitsColour.toFixed(0)} bits = ${bits.bitsPerSample.toFixed(3)} a sample  ` +
              `${seconds.toFixed(2)} s`,
          );
        }
      },
    });
  },
});
