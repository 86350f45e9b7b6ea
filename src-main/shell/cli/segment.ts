import { defineCommand } from 'citty';
import { MAX_SEED } from '../../api/jobs/colorize/command';
import { dotted, photoExtensions } from '../../api/formats';
import { numberOption, parseStrictly } from './args';
import { engineArgs, engineOf, outputArgs, reportArgs } from './common';
import { reportOf, requireOperands, runBatch } from './common';
import { planBatch } from './inputs';

const args = {
  files: { type: 'positional', required: false, description: 'Photos, and folders of photos' },
  temperature: {
    type: 'string',
    valueHint: 'T',
    description: '0: the most probable labels, 1: a sample of what the model believes',
    default: '0',
  },
  seed: { type: 'string', valueHint: 'S', description: 'Seed of the sample', default: '1' },
  ...outputArgs,
  ...engineArgs,
  ...reportArgs,
} as const;

export const segmentCommand = defineCommand({
  meta: { name: 'segment', description: 'Write the labels that a photo is coloured by as a PNG' },
  args,
  async run({ rawArgs }) {
    const parsed = parseStrictly(rawArgs, args);
    const paths = requireOperands(parsed, 'photos or folders to segment');
    const temperature = numberOption(parsed, 'temperature', { min: 0, max: 10 });
    const seed = numberOption(parsed, 'seed', { min: 0, max: MAX_SEED, whole: true });
    const report = reportOf(parsed);
    const engine = await engineOf(parsed);
    const items = await planBatch(paths, {
      extensions: dotted(photoExtensions),
      outputExtension: '.labels.png',
      outputFolder: parsed.options.output as string | undefined,
    });
    await runBatch({
      engine,
      report,
      kind: 'segment',
      items,
      job: ({ file, output }) => ({
        ...{ file, output, temperature, seed },
        overwrite: parsed.options.overwrite === true,
      }),
      done: (result) => {
        const { file, output, columns, rows, labels, bitsLabels, seconds } = result;
        report.result(
          result,
          `${file} → ${output}  ${columns}×${rows} cells  ${labels} labels  ` +
            `${bitsLabels.toFixed(0)} bits  ${seconds.toFixed(2)} s`,
        );
      },
    });
  },
});
