import type { ArgsDef } from 'citty';
import type { JobArgs, JobInput, JobKind, JobResult } from '../../api/jobs/contract';
import { jobKinds, providerChoices } from '../../api/jobs/contract';
import { parseOrRefuse } from '../../api/channel/answer';
import type { Engine } from '../../engine/engine';
import type { ParsedArgs } from './args';
import { choiceOption, numberOption, UsageError } from './args';
import type { Item } from './inputs';
import { Report } from './report';
import { modelsFolder } from '../process/paths';

/** Exit codes. A run stopped by a signal ends with 128 plus its number, as shells expect. */
export const exitCodes = { done: 0, someFailed: 1, usage: 2 } as const;

export const reportArgs = {
  json: { type: 'boolean', description: 'Print one JSON object a line' },
  quiet: { type: 'boolean', description: 'Print failures only' },
} as const satisfies ArgsDef;

export const engineArgs = {
  provider: {
    type: 'string',
    valueHint: 'NAME',
    description: `What runs the float nets: ${providerChoices.join(', ')}`,
    default: 'auto',
  },
  threads: {
    type: 'string',
    valueHint: 'N',
    description: 'Threads of the nets (default: all cores)',
  },
} as const satisfies ArgsDef;

export const outputArgs = {
  output: {
    type: 'string',
    alias: 'o',
    valueHint: 'DIR',
    description: 'Folder for the outputs (default: beside each original)',
  },
  overwrite: { type: 'boolean', description: 'Replace outputs that exist' },
} as const satisfies ArgsDef;

export function reportOf({ options }: ParsedArgs): Report {
  return new Report({ json: options.json === true, quiet: options.quiet === true });
}

/** The engine in this very process: no window waits for it, and one process starts quicker. */
export async function engineOf(parsed: ParsedArgs): Promise<Engine> {
  const provider = choiceOption(parsed, 'provider', providerChoices);
  const threads = numberOption(parsed, 'threads', { min: 1, max: 256, whole: true });
  const { Engine } = await import('../../engine/engine');
  return new Engine({
    modelsDir: modelsFolder(),
    ...(provider && { provider }),
    ...(threads && { threads }),
  });
}

/** @throws UsageError unless there is at least one operand, or just one where `only` says so. */
export function requireOperands({ operands }: ParsedArgs, what: string, only = false): string[] {
  if (operands.length === 0) throw new UsageError(`Expected ${what}, found none.`);
  if (only && operands.length > 1) {
    throw new UsageError(`Expected ${what}, found ${operands.length}: ${operands.join(', ')}.`);
  }
  return operands;
}

export interface Batch<Kind extends JobKind> {
  engine: Engine;
  report: Report;
  kind: Kind;
  items: Item[];
  /** The job of an item. */
  job: (item: Item) => JobInput<Kind>;
  /** Reports a result. */
  done: (result: JobResult<Kind>) => void;
}

/** Runs a job an item, one after the other; a failed item never stops the next. Sets the exit code. */
export async function runBatch<Kind extends JobKind>(batch: Batch<Kind>): Promise<void> {
  const { engine, report, kind, items, job, done } = batch;
  const { signal } = new AbortController();
  for (const [index, item] of items.entries()) {
    const position = `${index + 1}/${items.length}`;
    const onProgress = (fraction: number) => report.progress(position, item.file, fraction);
    try {
      if (item.failure) throw item.failure;
      onProgress(0);
      const args = parseOrRefuse(
        jobKinds[kind].args,
        job(item),
        `The job "${kind}"`,
      ) as JobArgs<Kind>;
      done(await engine.run(kind, args, { signal, onProgress }));
    } catch (error) {
      report.failure(item.file, error);
      process.exitCode = exitCodes.someFailed;
    }
  }
  await engine.close();
}
