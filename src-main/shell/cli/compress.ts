import { defineCommand } from 'citty';
import { efforts, type JobInput, tunes } from '../../api/jobs/contract';
import { dotted, photoExtensions } from '../../api/formats';
import type { ParsedArgs } from './args';
import { bytesOption, choiceOption, numberOption, parseStrictly, UsageError } from './args';
import { engineArgs, engineOf, outputArgs, reportArgs } from './common';
import { reportOf, requireOperands, runBatch } from './common';
import { planBatch } from './inputs';
import { decibelText, sizeText } from './report';
import { fitBatch } from './total';

const args = {
  files: { type: 'positional', required: false, description: 'Photos, and folders of photos' },
  quality: { type: 'string', valueHint: '0…100', description: 'Quality (default: 50)' },
  bpp: { type: 'string', valueHint: 'N', description: 'Target: bits per pixel of the whole file' },
  'max-bytes': { type: 'string', valueHint: '200k', description: 'Target: size, never exceeded' },
  psnr: { type: 'string', valueHint: 'dB', description: 'Target: PSNR of the decoded pixels' },
  total: {
    type: 'string',
    valueHint: '20MB',
    description: 'Target: size of all files together, never exceeded; one λ for all',
  },
  effort: {
    type: 'string',
    valueHint: efforts.join('|'),
    description: 'What the encoder spends: best is slower and smaller (default: default)',
  },
  tune: {
    type: 'string',
    valueHint: tunes.join('|'),
    description: 'What the picture is good at (default: psnr)',
  },
  verify: {
    type: 'boolean',
    default: true,
    description: 'Decode what was written and compare',
    negativeDescription: 'Do not decode what was written',
  },
  metadata: {
    type: 'boolean',
    default: true,
    description: 'Keep EXIF and XMP',
    negativeDescription: 'Leave EXIF and XMP out (the colour profile stays)',
  },
  thumbnail: {
    type: 'boolean',
    default: true,
    description: 'Put a small picture for lists into the file (at most 2 kB)',
    negativeDescription: 'Leave the small picture for lists out',
  },
  ...outputArgs,
  ...engineArgs,
  ...reportArgs,
} as const;

export const compressCommand = defineCommand({
  meta: { name: 'compress', description: 'Compress photos to .lavi files' },
  args,
  async run({ rawArgs }) {
    const parsed = parseStrictly(rawArgs, args);
    const paths = requireOperands(parsed, 'photos or folders to compress');
    const target = targetOf(parsed);
    const report = reportOf(parsed);
    const { output, verify, overwrite } = parsed.options;
    const metadata = parsed.options.metadata === true;
    const thumbnail = parsed.options.thumbnail === true;
    const effort = choiceOption(parsed, 'effort', efforts);
    if (effort === 'best' && parsed.options['total'] !== undefined) {
      throw new UsageError(
        'Expected --total or --effort best, found both: a total is fitted at the default effort.',
      );
    }
    const tune = choiceOption(parsed, 'tune', tunes);
    if (effort === 'best' && tune === 'ms-ssim') {
      throw new UsageError(
        'Expected --effort best or --tune ms-ssim, found both: best effort lowers the squared error.',
      );
    }
    const engine = await engineOf(parsed);
    const items = await planBatch(paths, {
      extensions: dotted(photoExtensions),
      outputExtension: '.lavi',
      outputFolder: output as string | undefined,
    });
    const total = bytesOption(parsed, 'total');
    const fitted =
      total && (await fitBatch({ engine, report, items, total, metadata, thumbnail, tune }));
    await runBatch({
      engine,
      report,
      kind: 'compress',
      items,
      job: (item) => ({
        file: item.file,
        output: item.output,
        target: fitted ? { kind: 'quality', value: fitted.quality } : target,
        ...(fitted && { atMost: fitted.bytesOf(item.file) }),
        effort,
        tune,
        verify: verify === true,
        metadata,
        thumbnail,
        overwrite: overwrite === true,
      }),
      done: (result) => {
        const { file, width, height, originalBytes, bytes, bpp, quality, psnr, seconds } = result;
        report.result(
          result,
          `${file} → ${result.output}  ${width}×${height}  ${sizeText(originalBytes)} → ` +
            `${sizeText(bytes)}  ${bpp.toFixed(3)} bpp  quality ${Number(quality.toFixed(2))}  ` +
            `${decibelText(psnr)}  ${seconds.toFixed(2)} s`,
        );
      },
    });
  },
});

/** @throws UsageError when more than one target is given. */
export function targetOf(parsed: ParsedArgs): JobInput<'compress'>['target'] {
  const given = ['quality', 'bpp', 'max-bytes', 'psnr', 'total'].filter(
    (name) => parsed.options[name] !== undefined,
  );
  if (given.length > 1) {
    const names = given.map((name) => `--${name}`).join(' and ');
    throw new UsageError(`Expected one target, found ${names}.`);
  }
  const bpp = numberOption(parsed, 'bpp', { min: 0, above: true });
  if (bpp !== undefined) return { kind: 'bpp', value: bpp };
  const bytes = bytesOption(parsed, 'max-bytes');
  if (bytes !== undefined) return { kind: 'bytes', value: bytes };
  const psnr = numberOption(parsed, 'psnr', { min: 0, above: true });
  if (psnr !== undefined) return { kind: 'psnr', value: psnr };
  return { kind: 'quality', value: numberOption(parsed, 'quality', { min: 0, max: 100 }) ?? 50 };
}
