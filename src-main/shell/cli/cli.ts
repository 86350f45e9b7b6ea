import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { CommandDef } from 'citty';
import { defineCommand, renderUsage, runCommand } from 'citty';
import { guardUnfinishedOutputs } from '../../jobs/output';
import { UsageError } from './args';
import { exitCodes } from './common';
import { packageRoot } from '../process/paths';

/** A command a file; it is loaded when it is called for. */
const commands: Record<string, () => Promise<CommandDef>> = {
  compress: () => import('./compress').then((module) => module.compressCommand as CommandDef),
  decompress: () => import('./decompress').then((module) => module.decompressCommand as CommandDef),
  info: () => import('./info').then((module) => module.infoCommand as CommandDef),
  compare: () => import('./compare').then((module) => module.compareCommand as CommandDef),
  models: () => import('./models').then((module) => module.modelsCommand as CommandDef),
  colorize: () => import('./colorize').then((module) => module.colorizeCommand as CommandDef),
  segment: () => import('./segment').then((module) => module.segmentCommand as CommandDef),
  score: () => import('./score').then((module) => module.scoreCommand as CommandDef),
  latents: () => import('./latents').then((module) => module.latentsCommand as CommandDef),
  palette: () => import('./palette').then((module) => module.paletteCommand as CommandDef),
  labels: () => import('./labels/labels').then((module) => module.labelsCommand as CommandDef),
  lossless: () =>
    import('./lossless/lossless').then((module) => module.losslessCommand as CommandDef),
};

const packageJson = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as {
  version: string;
};

const lavi = defineCommand({
  meta: { name: 'lavi', version: packageJson.version, description: 'Learned image compression' },
  subCommands: commands,
});

/** Follows the words to a command: `labels encode` is two deep. */
async function find(rawArgs: string[]): Promise<{ path: CommandDef[]; rest: string[] }> {
  const path: CommandDef[] = [lavi];
  let rest = rawArgs;
  for (;;) {
    const command = path.at(-1)!;
    const resolved =
      typeof command.subCommands === 'function' ? command.subCommands() : command.subCommands;
    const subCommands = (await resolved) as typeof commands | undefined;
    const [word] = rest;
    if (!subCommands || word === undefined || word.startsWith('-')) return { path, rest };
    if (!Object.hasOwn(subCommands, word)) {
      throw new UsageError(
        `Unknown command "${word}". Expected one of ${Object.keys(subCommands).join(', ')}.`,
      );
    }
    const next = subCommands[word]!;
    path.push(await (typeof next === 'function' ? next() : next));
    rest = rest.slice(1);
  }
}

async function main(rawArgs: string[]): Promise<void> {
  const { path, rest } = await find(rawArgs);
  const command = path.at(-1)!;
  const isHelp = (arg: string) => arg === '--help' || arg === '-h';
  const beforeOperands = rest.slice(0, rest.indexOf('--') >>> 0);
  if (beforeOperands.some(isHelp) || (command.subCommands && rest.length === 0)) {
    const usage = await renderUsage(command, path.at(-2));
    process.stdout.write(`${process.stdout.isTTY ? usage : stripVTControlCharacters(usage)}\n`);
  } else if (command === lavi && (rest[0] === '--version' || rest[0] === '-v')) {
    process.stdout.write(`${packageJson.version}\n`);
  } else if (command.subCommands) {
    throw new UsageError(`Expected a command before ${rest[0]}.`);
  } else {
    await runCommand(command, { rawArgs: rest });
  }
}

// Leaving by exit() runs the clean-up of unfinished outputs; while there are none, signals end the
// process at once, even one that a net keeps busy. The shell sees the same code either way.
const leave: Record<string, () => void> = {
  SIGINT: () => process.exit(130),
  SIGTERM: () => process.exit(143),
  SIGHUP: () => process.exit(129),
};
guardUnfinishedOutputs((some) => {
  for (const [signal, handler] of Object.entries(leave)) {
    if (some) process.on(signal, handler);
    else process.off(signal, handler);
  }
});
// Whoever reads the output may have had enough (`| head`): that is no failure worth a stack trace.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? exitCodes.done : exitCodes.someFailed);
});

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`lavi: ${error.message}\nSee lavi --help.\n`);
  process.exitCode = exitCodes.usage;
}
