import { defineCommand } from 'citty';
import type { ComparePoint } from '../../api/jobs/contract';
import { parseStrictly } from './args';
import { engineArgs, engineOf, reportArgs, reportOf } from './common';
import { requireOperands, runBatch } from './common';
import { tableText } from './report';

const args = {
  photo: { type: 'positional', required: false, description: 'The photo to compare codecs on' },
  ...engineArgs,
  ...reportArgs,
} as const;

export const compareCommand = defineCommand({
  meta: { name: 'compare', description: 'Measure Lavi, mozjpeg, WebP and AVIF on a photo' },
  args,
  async run({ rawArgs }) {
    const parsed = parseStrictly(rawArgs, args);
    const [photo] = requireOperands(parsed, 'one photo', true);
    const report = reportOf(parsed);
    await runBatch({
      engine: await engineOf(parsed),
      report,
      kind: 'compare',
      items: [{ file: photo!, output: photo! }],
      job: ({ file }) => ({ file }),
      done: ({ file, width, height, points }) => {
        if (parsed.options.json) {
          for (const point of points) report.result({ file, ...point }, '');
        } else {
          report.result({}, `${file}  ${width}×${height}\n${pointsText(points)}`);
        }
      },
    });
  },
});

function pointsText(points: ComparePoint[]): string {
  const head = ['codec', 'setting', 'bytes', 'bpp', 'PSNR dB', 'MS-SSIM', 'encode ms', 'decode ms'];
  const rows = points.map((point) => [
    point.codec,
    point.setting,
    point.bytes,
    point.bpp.toFixed(3),
    point.psnr?.toFixed(2) ?? 'exact',
    point.msssim.toFixed(4),
    point.encMs.toFixed(0),
    point.decMs.toFixed(0),
  ]);
  return tableText([head, ...rows]);
}
