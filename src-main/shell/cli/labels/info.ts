import { defineCommand } from 'citty';
import { describeLabelFile, type LabelFileInfo } from '../../../labels/files';
import { parseStrictly } from '../args';
import { reportArgs, reportOf, requireOperands } from '../common';
import { planBatch } from '../inputs';
import { forEachItem } from './batch';
import { tableText } from '../report';

const args = {
  files: {
    type: 'positional',
    required: false,
    description: '.lavi files of label maps, and folders of them',
  },
  ...reportArgs,
} as const;

export const labelsInfoCommand = defineCommand({
  meta: { name: 'info', description: 'Say where the bits of label files go' },
  args,
  async run({ rawArgs }) {
    const parsed = parseStrictly(rawArgs, args);
    const paths = requireOperands(parsed, '.lavi files or folders');
    const report = reportOf(parsed);
    const items = await planBatch(paths, {
      extensions: ['.lavi'],
      outputExtension: '.lavi.info',
    });
    await forEachItem(items, report, async ({ file }) => {
      const info = await describeLabelFile(file);
      report.result(info, infoText(info));
    });
  },
});

function infoText(info: LabelFileInfo): string {
  const { file, width, height, bytes, bpp, points, pointShare, mode, stride, predictor } = info;
  const { png, webp } = info.others;
  const edgeBits = info.bitsPerBoundaryEdge?.toFixed(3) ?? 'no edges';
  const rows = [
    ['size', `${width} × ${height}, ${info.labels} labels, ${info.named} named`],
    ['file', `${bytes} bytes, ${bpp.toFixed(4)} bits per pixel`],
    ['mode', mode === 'raw' ? 'raw' : `sparse, start stride ${stride}, predictor ${predictor}`],
    ['|z|', `${points} points, ${(100 * pointShare).toFixed(3)} % of the pixels`],
    ['bits in z', `${info.pointBits.toFixed(1)}, ${edgeBits} per boundary edge`],
    ['modelled', `${info.modelBits.toFixed(1)} bits = ${(info.modelBits / 8).toFixed(1)} bytes`],
    ['PNG', `${png} bytes`],
    ['WebP lossless', webp === undefined ? 'cannot hold this size' : `${webp} bytes`],
  ];
  const levels = info.levels.map((level) => [
    `every ${level.unit} px`,
    level.pixels,
    level.points,
    level.bits.toFixed(1),
  ]);
  const classes = info.classes.map((row) => [
    `${row.label}${row.name === undefined ? '' : ` ${row.name}`}`,
    row.pixels,
    row.points,
    row.bits.toFixed(1),
  ]);
  const tables = [
    [['level', 'pixels', 'points', 'bits'], ...levels],
    [['label', 'pixels', 'points', 'bits'], ...classes],
  ].map((table) => tableText(table).replaceAll(/^/gm, '  '));
  return [
    file,
    ...rows.map(([key, value]) => `  ${key!.padEnd(14)}${value}`),
    ...(levels.length > 0 ? tables : tables.slice(1)),
  ].join('\n');
}
