import { defineCommand } from 'citty';
import type { JobResult } from '../../api/jobs/contract';
import { parseStrictly } from './args';
import { engineArgs, engineOf, reportArgs, reportOf } from './common';
import { requireOperands, runBatch } from './common';
import { planBatch } from './inputs';
import { tableText } from './report';

const args = {
  files: { type: 'positional', required: false, description: '.lavi files, and folders of them' },
  ...engineArgs,
  ...reportArgs,
} as const;

export const infoCommand = defineCommand({
  meta: { name: 'info', description: 'Say what .lavi files hold' },
  args,
  async run({ rawArgs }) {
    const parsed = parseStrictly(rawArgs, args);
    const paths = requireOperands(parsed, '.lavi files or folders');
    const report = reportOf(parsed);
    const engine = await engineOf(parsed);
    // Nothing is written: the outputs planned here only have to differ from one another.
    const plan = await planBatch(paths, { extensions: ['.lavi'], outputExtension: '.lavi.info' });
    await runBatch({
      engine,
      report,
      kind: 'info',
      items: plan,
      job: ({ file }) => ({ file }),
      done: (info) => report.result(info, infoText(info)),
    });
  },
});

/** The model's bits beside the file's: the two are within a percent when coding works. */
function infoText({ file, ...info }: JobResult<'info'>): string {
  const { width, height, bytes, bpp, modelBits, quality, model, ...more } = info;
  const rows = [
    ['size', `${width} × ${height}`],
    ['file', `${bytes} bytes = ${8 * bytes} bits, ${bpp.toFixed(4)} bits per pixel`],
    ['modelled', `${modelBits.toFixed(1)} bits = ${(modelBits / 8).toFixed(1)} bytes`],
    ['quality', `${Number(quality.toFixed(3))}`],
    ['model', model],
    ...Object.entries(more).map(([key, value]) => [key, plainText(value)]),
  ];
  return `${file}\n${rows.map(([key, value]) => `  ${key!.padEnd(14)}${value}`).join('\n')}`;
}

function plainText(value: unknown): string {
  if (!Array.isArray(value)) {
    return typeof value === 'number' ? String(Number(value.toFixed(6))) : String(value);
  }
  if (value.length === 0) return 'none';
  const isRecord = typeof value[0] === 'object';
  if (!isRecord) return value.join(', ');
  const rows = value.map((record: object) => Object.values(record) as (string | number)[]);
  return `\n${tableText(rows).replaceAll(/^/gm, '    ')}`;
}
