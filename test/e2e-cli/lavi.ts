import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

export interface Run {
  code: number | null;
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
    child.on('close', (code) => {
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
