import { useApp } from '../app';

/** A path as people write it: their own folder is ~. */
export function usePaths() {
  const app = useApp();
  const homely = (path: string) => {
    const home = app.hello?.home;
    return home && path.startsWith(home) ? `~${path.slice(home.length)}` : path;
  };
  return { homely };
}
