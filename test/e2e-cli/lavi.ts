import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

export interface Run {
  /** The exit code as a shell shows it: 128 plus its number for a signal. */
  code: number;
  stdout: string;
  stderr: string;
  /** stdout's lines, parsed. */
  json: () => Record<string, unknown>[];
}

/** Starts the command line as a user does, through the package's bin. */
export function start(args: string[], cwd: string): { child: ChildProcess; end: Promise<Run> } {
  const child = spawn(process.execPath, [join(root, 'build/lavi.mjs'), ...args], { cwd });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (text: Buffer) => (stdout += text.toString()));
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
  const end = new Promise<Run>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode, signal) => {
      const code = exitCode ?? 128 + constants.signals[signal!];
      const lines = () => stdout.split('\n').filter(Boolean);
      const json = () => lines().map((line) => JSON.parse(line) as Record<string, unknown>);
      resolve({ code, stdout, stderr, json });
    });
  });
  return { child, end };
}

export function lavi(args: string[], cwd = root): Promise<Run> {
  return start(args, cwd).end;
}
