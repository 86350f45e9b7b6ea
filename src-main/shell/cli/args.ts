import { parseArgs } from 'node:util';
import type { ArgsDef } from 'citty';

/** The command line was wrong: exit code 2, and nothing was done. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export interface ParsedArgs {
  options: Record<string, string | boolean | undefined>;
  /** Arguments that are no options. */
  operands: string[];
}

/**
 * Parses strictly what citty, which draws the help, would let pass: unknown options, options without
 * their value, values for switches.
 *
 * @throws UsageError naming the option, and what was expected.
 */
export function parseStrictly(rawArgs: string[], defs: ArgsDef): ParsedArgs {
  const named = Object.entries(defs).filter(([, def]) => def.type !== 'positional');
  const options = Object.fromEntries(
    named.map(([name, def]) => {
      const short =
        'alias' in def ? [def.alias ?? []].flat().find((a) => a.length === 1) : undefined;
      const type = def.type === 'boolean' ? ('boolean' as const) : ('string' as const);
      return [name, { type, ...(short && { short }) }];
    }),
  );
  try {
    const parsed = parseArgs({
      args: rawArgs,
      options,
      allowPositionals: true,
      allowNegative: true,
      strict: true,
    });
    const values: ParsedArgs['options'] = { ...parsed.values } as ParsedArgs['options'];
    for (const [name, def] of named) {
      if (def.default !== undefined) values[name] ??= def.default as string | boolean;
    }
    return { options: values, operands: parsed.positionals };
  } catch (error) {
    throw new UsageError(explain(error as NodeJS.ErrnoException, named));
  }
}

function explain(error: NodeJS.ErrnoException, named: [string, ArgsDef[string]][]): string {
  // Node quotes the option, with its short form before it: '-o, --output <value>'.
  const quoted = /'([^']*)'/.exec(error.message)?.[1] ?? '';
  const option = quoted.match(/-{1,2}[^\s,]+/g)?.at(-1) ?? quoted;
  if (error.code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
    const known = named.map(([name]) => `--${name}`).join(', ');
    return `Unknown option ${option}. Expected ${known || 'no options'}.`;
  }
  const def = named.find(([name]) => option === `--${name}`)?.[1];
  if (def && def.type !== 'boolean') {
    const hint = 'valueHint' in def && def.valueHint ? ` (${def.valueHint})` : '';
    return `Option ${option} expects a value${hint}, found none. A value that starts with "-" is written ${option}=VALUE.`;
  }
  return error.message;
}

export interface NumberRange {
  min: number;
  max?: number;
  /** Whether `min` itself is too small. */
  above?: boolean;
  whole?: boolean;
}

/** @throws UsageError saying what was expected and found. */
export function numberOption(
  { options }: ParsedArgs,
  name: string,
  { min, max = Infinity, above = false, whole = false }: NumberRange,
): number | undefined {
  const text = options[name];
  if (text === undefined) return undefined;
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(String(text)) ? Number(text) : NaN;
  const inRange = value >= min && value <= max && !(above && value === min);
  if (inRange && (!whole || Number.isInteger(value))) return value;
  const kind = whole ? 'a whole number' : 'a number';
  const low = above ? `above ${min}` : `of at least ${min}`;
  const range = max === Infinity ? low : `from ${min} to ${max}`;
  throw new UsageError(`Option --${name} expects ${kind} ${range}, found "${String(text)}".`);
}

const unitBytes: Record<string, number> = {
  '': 1,
  k: 1e3,
  m: 1e6,
  g: 1e9,
  ki: 1024,
  mi: 1024 ** 2,
  gi: 1024 ** 3,
};

/** Sizes as people write them: 200000, 200k, 1.5MB (thousands), 64KiB (1024s). */
export function bytesOption({ options }: ParsedArgs, name: string): number | undefined {
  const text = options[name];
  if (text === undefined) return undefined;
  const match = /^(\d+\.?\d*|\.\d+) ?([kmg]i?)?b?$/i.exec(String(text));
  const value = match
    ? Math.floor(Number(match[1]) * unitBytes[(match[2] ?? '').toLowerCase()]!)
    : 0;
  if (value >= 1) return value;
  throw new UsageError(
    `Option --${name} expects a size of at least one byte such as 200000, 200k or 1.5MB, found "${String(text)}".`,
  );
}

/** @throws UsageError naming the choices. */
export function choiceOption<Choice extends string>(
  { options }: ParsedArgs,
  name: string,
  choices: readonly Choice[],
): Choice | undefined {
  const value = options[name];
  if (value === undefined || (choices as readonly unknown[]).includes(value)) {
    return value as Choice | undefined;
  }
  throw new UsageError(
    `Option --${name} expects one of ${choices.join(', ')}, found "${String(value)}".`,
  );
}
