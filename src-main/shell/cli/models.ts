import { defineCommand } from 'citty';
import type { JobResult } from '../../api/jobs/contract';
import { parseStrictly, UsageError } from './args';
import { engineArgs, engineOf, reportArgs, reportOf, runBatch } from './common';

const args = { ...engineArgs, ...reportArgs } as const;

export const modelsCommand = defineCommand({
  meta: { name: 'models', description: 'Say which model and execution provider is used, and why' },
  args,
  async run({ rawArgs }) {
    const parsed = parseStrictly(rawArgs, args);
    if (parsed.operands.length > 0) {
      throw new UsageError(`Expected no arguments, found ${parsed.operands.join(', ')}.`);
    }
    const report = reportOf(parsed);
    await runBatch({
      engine: await engineOf(parsed),
      report,
      kind: 'models',
      items: [{ file: 'models', output: 'models' }],
      job: () => ({}),
      done: (models) => report.result(models, modelsText(models)),
    });
  },
});

function modelsText({ model, used, why, providers }: JobResult<'models'>): string {
  const lines = providers.map(({ name, failure, ms, cpuMs, difference }) => {
    const trial =
      ms === undefined
        ? 'not tried'
        : `${ms.toFixed(0)} ms for a tile (CPU ${cpuMs?.toFixed(0)} ms), differs from the CPU by ` +
          (typeof difference === 'number' ? `${(100 * difference).toFixed(3)} %` : 'no number');
    return `  ${name === used ? '*' : ' '} ${name.padEnd(10)}${failure ? `failed: ${failure}` : trial}`;
  });
  return [
    `model      ${model}`,
    `provider   ${used}: ${why}`,
    'found in this build of ONNX Runtime (entropy nets always run on the CPU):',
    ...lines,
  ].join('\n');
}
