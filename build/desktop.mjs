// Runs Electron and tells whether its window came.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** So many of its last characters are looked through for why it ended. */
const LAST_WORDS = 4000;

/**
 * How a run of Electron ended: after its window came, with its exit code; or before, with what it said.
 *
 * @typedef {{ code: number } | { reason: string }} Ended
 */

/**
 * Runs a program that creates the file named by LAVI_READY once its window is there.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<Ended>}
 */
export function runDesktop(program, args, env = process.env) {
  const folder = mkdtempSync(join(tmpdir(), 'lavi-start-'));
  const ready = join(folder, 'ready');
  let said = '';
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      stdio: ['inherit', 'inherit', 'pipe'],
      env: { ...env, LAVI_READY: ready },
    });
    child.stderr.on('data', (text) => {
      process.stderr.write(text);
      said = (said + text).slice(-LAST_WORDS);
    });
    /** @param {Ended} ended */
    const end = (ended) => {
      rmSync(folder, { recursive: true, force: true });
      resolve(ended);
    };
    child.on('error', ({ message }) =>
      end({ reason: `Electron could not be started: ${message}` }),
    );
    child.on('exit', (code, signal) => {
      // Another run's window may have taken what this one was to open: that is no failure.
      if (existsSync(ready) || code === 0) return end({ code: code ?? 1 });
      const how = signal ? `by ${signal}` : `with code ${code}`;
      // Its last words may still be in the pipe, which a process of its own could hold open for ever.
      setTimeout(() => {
        child.stderr.destroy();
        end({ reason: `Electron ended ${how} at its start${because(said)}` });
      }, 200);
    });
  });
}

/**
 * The line that says why, of what a program wrote: the first that calls itself fatal, or the last.
 *
 * @param {string} said
 */
function because(said) {
  const lines = said.split('\n').map((line) => line.trim());
  const full = lines.filter((line) => line !== '');
  const line = full.find((one) => /fatal|error while loading/i.test(one)) ?? full.at(-1);
  return line ? ` (${line.replace(/^\[[^\]]*\]\s*/, '')})` : '';
}
