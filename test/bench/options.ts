import { parseArgs } from 'node:util';
import type { ParseArgsConfig } from 'node:util';

type Parsed<Config extends ParseArgsConfig> = ReturnType<typeof parseArgs<Config>>;

/**
 * A bench's options. `--help` prints the usage and ends the process with 0; an option that the bench does not know, or
 * one without its value, ends it with 2, the reason and the usage.
 */
export function benchOptions<const Config extends ParseArgsConfig>(
  usage: string,
  config: Config,
  args = process.argv.slice(2),
): Parsed<Config> {
  if (args.includes('--help')) {
    console.log(usage);
    process.exit(0);
  }
  try {
    return parseArgs({ ...config, args }) as Parsed<Config>;
  } catch (cause) {
    console.error(`${(cause as Error).message}\n${usage}`);
    process.exit(2);
  }
}
