import { readFile } from 'node:fs/promises';
import { defineCommand } from 'citty';
import { LaviError } from '../../../api/errors';
import { writeSamplesPng } from '../../../image/samples';
import { refuseExisting, writeOutput } from '../../../jobs/output';
import { decodeLossless } from '../../../lossless/file';
import { parseStrictly } from '../args';
import { outputArgs, reportArgs, reportOf, requireOperands } from '../common';
import { planBatch } from '../inputs';
import { eachItem } from './batch';

const args = {
  files: {
    type: 'positional',
    required: false,
    description: 'Lossless .lavi files, and folders of them',
  },
  ...outputArgs,
  ...reportArgs,
} as const;

export const losslessDecodeCommand = defineCommand({
  meta: { name: 'decode', description: 'Turn lossless .lavi files into PNGs of the same samples' },
  args,
  async run({ rawArgs }) {
    const parsed = parseStrictly(rawArgs, args);
    const paths = requireOperands(parsed, 'lossless .lavi files or folders');
    const report = reportOf(parsed);
    const overwrite = parsed.options.overwrite === true;
    const items = await planBatch(paths, {
      extensions: ['.lavi'],
      outputExtension: '.png',
      outputFolder: parsed.options.output as string | undefined,
    });
    await eachItem(items, report, async ({ file, output }, onTile) => {
      await refuseExisting(output, overwrite);
      const start = performance.now();
      const bytes = await readFile(file).catch((cause: unknown) => {
        throw new LaviError(
          'FILE_UNREADABLE',
          `Expected a .lavi file; ${file} cannot be read.`,
          { file },
          { cause },
        );
      });
      const { samples, icc, exif, xmp } = decodeLossless(bytes, onTile);
      await writeOutput(output, await writeSamplesPng(samples, { icc, exif, xmp }), { overwrite });
      const { width, height, channels, depth } = samples;
      const seconds = (performance.now() - start) / 1000;
      report.result(
        { file, output, width, height, channels, depth, seconds },
        `${file} → ${output}  ${width}×${height}×${channels}, ${depth} bits  ${seconds.toFixed(2)} s`,
      );
    });
  },
});
