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

type Used = Pick<JobResult<'models'>, 'used' | 'why' | 'providers'>;

const netNames = { colorizer: 'colorizer', vae: 'VAE' } as const;

function modelsText({ model, others, ...codec }: JobResult<'models'>): string {
  return [
    `model      ${model}`,
    'Providers that are here, for each kind of nets (entropy nets always run on the CPU):',
    ...usedText('codec', codec),
    ...others.flatMap(({ net, ...used }) => usedText(netNames[net], used)),
  ].join('\n');
}

function usedText(what: string, { used, why, providers }: Used): string[] {
  const lines = providers.map(({ name, failure, ms, cpuMs, difference }) => {
    const trial =
      ms === undefined
        ? 'not tried'
        : `${ms.toFixed(0)} ms for a trial run (CPU ${cpuMs?.toFixed(0)} ms), differs from the CPU by ` +
          (typeof difference === 'number' ? `${(100 * difference).toFixed(3)} %` : 'no number');
    return `  ${name === used ? '*' : ' '} ${name.padEnd(10)}${failure ? `failed: ${failure}` : trial}`;
  });
  return [`${what.padEnd(11)}${used}: ${why}`, ...lines];
}
