import { stat } from 'node:fs/promises';
import { defineCommand } from 'citty';
import { LaviError } from '../../../api/errors';
import { dotted, photoExtensions } from '../../../api/formats';
import { readSamples } from '../../../image/samples';
import { refuseExisting, writeOutput } from '../../../jobs/output';
import { encodeLossless } from '../../../lossless/file';
import { parseStrictly } from '../args';
import { outputArgs, reportArgs, reportOf, requireOperands } from '../common';
import { planBatch } from '../inputs';
import { sizeText } from '../report';
import { eachItem } from './batch';

const args = {
  files: { type: 'positional', required: false, description: 'Pictures, and folders of them' },
  ...outputArgs,
  ...reportArgs,
} as const;

export const losslessEncodeCommand = defineCommand({
  meta: { name: 'encode', description: 'Code pictures to .lavi files without loss' },
  args,
  async run({ rawArgs }) {
    const parsed = parseStrictly(rawArgs, args);
    const paths = requireOperands(parsed, 'pictures or folders to code');
    const report = reportOf(parsed);
    const overwrite = parsed.options.overwrite === true;
    const items = await planBatch(paths, {
      extensions: dotted(photoExtensions),
      outputExtension: '.lavi',
      outputFolder: parsed.options.output as string | undefined,
    });
    await eachItem(items, report, async ({ file, output }, onTile) => {
      await refuseExisting(output, overwrite);
      const start = performance.now();
      const { format, icc, exif, xmp, ...samples } = await readSamples(file);
      const { width, height, channels, depth } = samples;
      const original = (await stat(file)).size;
      const picture = { samples, ...(icc && { icc }), ...(exif && { exif }), ...(xmp && { xmp }) };
      const { file: bytes, modelBits } = encodeLossless(picture, onTile);
      if (format === 'jpeg' && bytes.length >= original) {
        throw new LaviError(
          'TARGET_UNREACHABLE',
          `Its decoded pixels take ${bytes.length} bytes and the JPEG itself ${original}: nothing was written, keep the JPEG.`,
          { nearest: bytes.length },
        );
      }
      await writeOutput(output, bytes, { overwrite });
      const seconds = (performance.now() - start) / 1000;
      const bitsPerSample = (8 * bytes.length) / samples.data.length;
      report.result(
        {
          file,
          output,
          width,
          height,
          channels,
          depth,
          originalBytes: original,
          bytes: bytes.length,
          modelBits,
          bitsPerSample,
          seconds,
        },
        `${file} → ${output}  ${width}×${height}×${channels}, ${depth} bits  ${sizeText(original)} → ` +
          `${sizeText(bytes.length)}  ${bitsPerSample.toFixed(3)} bits a sample  ${seconds.toFixed(2)} s`,
      );
    });
  },
});
