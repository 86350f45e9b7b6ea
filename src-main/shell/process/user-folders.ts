import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Settings } from '../../api/calls/contract';
import { appLanguages } from '../../api/calls/contract';

export interface UserFolders {
  config: string;
  cache: string;
  logs: string;
  home: string;
}

/** Where each platform keeps an app's things; all of it under `LAVI_HOME` where that is set. */
export function userFolders(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): UserFolders {
  const home = homedir();
  if (env['LAVI_HOME']) {
    const own = env['LAVI_HOME'];
    return {
      config: join(own, 'config'),
      cache: join(own, 'cache'),
      logs: join(own, 'logs'),
      home,
    };
  }
  if (platform === 'win32') {
    const local = env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local');
    const roaming = env['APPDATA'] ?? join(home, 'AppData', 'Roaming');
    return {
      config: join(roaming, 'Lavi'),
      cache: join(local, 'Lavi', 'cache'),
      logs: join(local, 'Lavi', 'logs'),
      home,
    };
  }
  if (platform === 'darwin') {
    const library = join(home, 'Library');
    return {
      config: join(library, 'Application Support', 'Lavi'),
      cache: join(library, 'Caches', 'Lavi'),
      logs: join(library, 'Logs', 'Lavi'),
      home,
    };
  }
  return {
    config: join(env['XDG_CONFIG_HOME'] ?? join(home, '.config'), 'lavi'),
    cache: join(env['XDG_CACHE_HOME'] ?? join(home, '.cache'), 'lavi'),
    logs: join(env['XDG_STATE_HOME'] ?? join(home, '.local', 'state'), 'lavi'),
    home,
  };
}

/** The first of a person's languages (`de-AT`, `en`) that the app speaks; English if it speaks none. */
export function languageOf(languages: readonly string[]): Settings['language'] {
  const [found] = languages.flatMap((one) => {
    const spoken = appLanguages.find((own) => new RegExp(`^${own}([-_.]|$)`, 'i').test(one));
    return spoken ? [spoken] : [];
  });
  return found ?? 'en';
}

/** @param languages of the system, the preferred one first */
export function defaultSettings(home: string, languages: readonly string[] = []): Settings {
  return {
    workspace: 'compress',
    theme: 'system',
    language: languageOf(languages),
    outputRule: 'folder',
    outputFolder: join(home, 'Pictures', 'Lavi'),
    suffix: '',
    metadata: true,
    effort: 'default',
    tune: 'psnr',
    provider: 'auto',
    threads: null,
    quality: 50,
    codeAnyway: false,
    exportFormat: 'jpeg',
    exportQuality: 90,
    colourFormat: 'png',
    colourNote: true,
  };
}
