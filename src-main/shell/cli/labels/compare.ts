import { defineCommand } from 'citty';
import { compareLabelFile } from '../../../labels/files';
import { parseStrictly } from '../args';
import { reportArgs, reportOf, requireOperands } from '../common';
import { planBatch } from '../inputs';
import { forEachItem } from './batch';
import { tableText } from '../report';

const args = {
  files: { type: 'positional', required: false, description: 'Folders of label PNGs, and PNGs' },
  ...reportArgs,
} as const;

const columns = ['fast', 'best', 'png', 'webp', 'original'] as const;

export const labelsCompareCommand = defineCommand({
  meta: { name: 'compare', description: 'Measure label PNGs in our format, PNG and lossless WebP' },
  args,
  async run({ rawArgs }) {
    const parsed = parseStrictly(rawArgs, args);
    const paths = requireOperands(parsed, 'a folder of label PNGs');
    const report = reportOf(parsed);
    const items = await planBatch(paths, { extensions: ['.png'], outputExtension: '.lavi' });
    const results: Awaited<ReturnType<typeof compareLabelFile>>[] = [];
    await forEachItem(items, report, async ({ file }) => {
      const result = await compareLabelFile(file);
      results.push(result);
      // For people one table comes at the end: its columns are as wide as all rows need.
      if (parsed.options.json) report.result(result, '');
    });
    if (parsed.options.json || results.length === 0) return;
    const rows = results.map(({ file, labels, points, bytes }) => [
      file,
      labels,
      points,
      ...columns.map((name) => bytes[name] ?? '–'),
    ]);
    const total = columns.map((name) =>
      results.reduce((sum, { bytes }) => sum + (bytes[name] ?? 0), 0),
    );
    const head = ['file', 'labels', 'points', ...columns];
    const points = results.reduce((sum, result) => sum + result.points, 0);
    report.result({}, tableText([head, ...rows, ['total', '', points, ...total]]));
  },
});
