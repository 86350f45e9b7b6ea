import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Session } from '../../session/session';
import { engineProcesses } from './engine-processes';
import { readModelCard } from './model-card';
import { modelsFolder, packageRoot } from './paths';
import { defaultSettings, userFolders } from './user-folders';

interface OpenOptions {
  /** The engine's script, and the Node that runs it. */
  script: string;
  node?: string;
  /** The system's languages, the preferred one first; of the environment's locale when left out. */
  languages?: readonly string[];
}

const systemLocale = () => new Intl.DateTimeFormat().resolvedOptions().locale;

/** The session of this user's, with engines of its own. */
export async function openSession(
  platform: 'web' | 'electron',
  { script, node, languages = [systemLocale()] }: OpenOptions,
): Promise<Session> {
  const { config, cache, home } = userFolders();
  const modelsDir = modelsFolder();
  const packageJson = readFileSync(join(packageRoot(), 'package.json'), 'utf8');
  const engines = engineProcesses({
    script,
    modelsDir,
    ...(node && { node }),
    onCrash: ({ signal, exitCode, jobsLost }) => {
      const how = signal ? `by ${signal}` : `with code ${exitCode ?? 'unknown'}`;
      session.crashed(`The engine's process ended ${how}.`, jobsLost);
    },
  });
  const session = await Session.open({
    ...{ engines, platform, home },
    model: () => readModelCard(modelsDir),
    version: (JSON.parse(packageJson) as { version: string }).version,
    configDir: config,
    cacheDir: cache,
    defaults: defaultSettings(home, languages),
  });
  return session;
}
