import { appendFileSync } from 'node:fs';
import type { JobRunner } from '../../src-main/engine/engine';
import { serveProcess } from '../../src-main/shell/process/serve-process';
import { TestEngines } from './test-engines';

// An engine that computes nothing and notes with which options it ran what, a JSON line a job.
const options = JSON.parse(process.argv[2] ?? '{}') as { modelsDir: string; threads?: number };
const { main } = new TestEngines();
const noting: JobRunner = {
  run(kind, args, context) {
    const line = JSON.stringify({ kind, threads: options.threads, pid: process.pid });
    appendFileSync(`${options.modelsDir}/jobs.jsonl`, `${line}\n`);
    return main.run(kind, args as never, context);
  },
};
serveProcess(noting);
