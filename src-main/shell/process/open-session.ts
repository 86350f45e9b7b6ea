import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Session } from '../../session/session';
import type { Log } from '../../session/log';
import { engineProcesses } from './engine-processes';
import { readLog } from './log-file';
import { readModelCard } from './model-card';
import { modelsFolder, packageRoot } from './paths';
import { defaultSettings, userFolders } from './user-folders';

interface OpenOptions {
  /** The engine's script, and the Node that runs it. */
  script: string;
  node?: string;
  /** The system's languages, the preferred one first; of the environment's locale when left out. */
  languages?: readonly string[];
  log: Log;
}

const systemLocale = () => new Intl.DateTimeFormat().resolvedOptions().locale;

/** The session of this user's, with engines of its own. */
export async function openSession(
  platform: 'web' | 'electron',
  { script, node, languages = [systemLocale()], log }: OpenOptions,
): Promise<Session> {
  const { config, cache, home } = userFolders();
  const modelsDir = modelsFolder();
  const packageJson = readFileSync(join(packageRoot(), 'package.json'), 'utf8');
  const { version } = JSON.parse(packageJson) as { version: string };
  const { platform: system, arch, versions } = process;
  log.write('started', { version, platform, system, arch, node: versions.node });
  const engines = engineProcesses({
    script,
    modelsDir,
    log,
    ...(node && { node }),
    onCrash: ({ signal, exitCode, jobs }) => {
      const how = signal ? `by ${signal}` : `with code ${exitCode ?? 'unknown'}`;
      session.crashed(`The engine's process ended ${how}.`, jobs.length);
    },
  });
  const session = await Session.open({
    ...{ engines, platform, home },
    model: () => readModelCard(modelsDir),
    version,
    log: async () => ({ file: log.file, text: await readLog(log.file, home) }),
    configDir: config,
    cacheDir: cache,
    defaults: defaultSettings(home, languages),
  });
  return session;
}
