import { defineCommand } from 'citty';
import { photoFormats } from '../../api/jobs/contract';
import { writtenExtensions } from '../../api/formats';
import { choiceOption, numberOption, parseStrictly } from './args';
import { engineArgs, engineOf, outputArgs, reportArgs } from './common';
import { reportOf, requireOperands, runBatch } from './common';
import { planBatch } from './inputs';

const args = {
  files: { type: 'positional', required: false, description: '.lavi files, and folders of them' },
  format: {
    type: 'string',
    valueHint: 'NAME',
    description: `Format to write: ${photoFormats.join(', ')}`,
    default: 'png',
  },
  quality: {
    type: 'string',
    valueHint: '1…100',
    description: "The format's own quality, for jpeg, webp and avif",
  },
  ...outputArgs,
  ...engineArgs,
  ...reportArgs,
} as const;

export const decompressCommand = defineCommand({
  meta: { name: 'decompress', description: 'Turn .lavi files back into pictures' },
  args,
  async run({ rawArgs }) {
    const parsed = parseStrictly(rawArgs, args);
    const paths = requireOperands(parsed, '.lavi files or folders to decompress');
    const format = choiceOption(parsed, 'format', photoFormats) ?? 'png';
    const formatQuality = numberOption(parsed, 'quality', { min: 1, max: 100, whole: true });
    const report = reportOf(parsed);
    const engine = await engineOf(parsed);
    const items = await planBatch(paths, {
      extensions: ['.lavi'],
      outputExtension: `.${writtenExtensions[format]}`,
      outputFolder: parsed.options.output as string | undefined,
    });
    await runBatch({
      engine,
      report,
      kind: 'decompress',
      items,
      job: ({ file, output }) => ({
        ...{ file, output, format, overwrite: parsed.options.overwrite === true },
        ...(formatQuality !== undefined && { formatQuality }),
      }),
      done: (result) => {
        const { file, output, width, height, seconds } = result;
        // The command's keys are promised; what else the job reports is the app's.
        const promised = { file, output, width, height, seconds };
        report.result(promised, `${file} → ${output}  ${width}×${height}  ${seconds.toFixed(2)} s`);
      },
    });
  },
});
