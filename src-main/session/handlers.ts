import { colourOrderSchema } from '../api/calls/contract';
import type { AppContract, FileEntry, Settings } from '../api/calls/contract';
import { providersOf } from '../api/choices';
import type { Failure } from '../api/channel/answer';
import { toFailure } from '../api/channel/answer';
import type { Handlers } from '../api/channel/channel';
import type { Batch } from './queue/batch';
import type { Colourings } from './colorize/colorings';
import type { SessionOptions, Emit } from './session';
import type { Estimates } from './queue/estimates';
import type { Files } from './files/files';
import { shownOf } from './files/files';
import type { Fitting } from './queue/fitting';
import type { Mixtures } from './latents/mixture';
import type { Readings } from './latents/vae';
import type { Maps } from './labels/maps';
import { filesAt, listFolder } from './files/scan';
import type { SettingsFile } from './settings';
import type { Shown } from './compress/shown';
import type { Thumbs } from './files/thumbs';

/** What the session is made of. */
export interface SessionParts {
  options: SessionOptions;
  settings: SettingsFile;
  files: Files;
  batch: Batch;
  fitting: Fitting;
  shown: Shown;
  estimates: Estimates;
  thumbs: Thumbs;
  mixtures: Mixtures;
  readings: Readings;
  maps: Maps;
  colourings: Colourings;
  emit: Emit;
}

/** Answers the page's calls by the session's parts. */
export function sessionHandlers(parts: SessionParts): Handlers<AppContract> {
  const { options, settings, files, batch, fitting, shown, thumbs, mixtures, maps, emit } = parts;
  const { colourings, estimates, readings } = parts;
  const { engines } = options;
  return {
    'app.hello': async () => {
      const { version, platform, home } = options;
      return {
        version,
        platform,
        home,
        model: await options.model(),
        providers: providersOf(`${process.platform}-${process.arch}`),
        settings: settings.current,
        files: files.entries(),
        queue: batch.state,
      };
    },
    'app.log': () => options.log?.() ?? { file: '', text: '' },
    'app.setSettings': (patch) => {
      const before = settings.current;
      const next = settings.change(patch as Partial<Settings>);
      const { provider, threads, tune } = next;
      if (tune !== before.tune) estimates.forget();
      if (provider !== before.provider || threads !== before.threads) engines.configure(next);
      emit('settings', next);
      return next;
    },

    'files.add': async ({ paths }) => {
      const added: FileEntry[] = [];
      const failures: Failure[] = [];
      for (const path of paths) {
        try {
          for (const found of await filesAt(path)) added.push(files.add(found).entry);
        } catch (error) {
          failures.push(toFailure(error));
        }
      }
      return { added, failures };
    },
    'files.list': () => files.entries(),
    'files.remove': ({ ids }) => {
      batch.drop(ids);
      for (const id of ids) {
        shown.leave(id);
        colourings.leave(id);
      }
      files.remove(ids);
      return {};
    },
    'files.restore': ({ ids }) => files.restore(ids),
    'files.setQuality': ({ ids, quality }) => {
      for (const id of ids) files.change(id, { quality: quality ?? undefined });
      return {};
    },
    'files.setAnyway': ({ ids, anyway }) => {
      for (const id of ids) files.change(id, { anyway });
      return {};
    },
    'files.thumbs': ({ ids }) => {
      thumbs.want(ids);
      return {};
    },
    'files.browse': ({ dir }) => listFolder(dir ?? options.home),
    'files.info': async ({ id }) => {
      const info = await engines.main.run('info', { file: shownOf(files.get(id)).path });
      return { ...info, metadata: (info['metadata'] as string[] | undefined) ?? [] };
    },

    'photo.open': (args) => shown.open(args),
    'photo.close': ({ id }) => {
      shown.leave(id);
      return {};
    },
    'photo.measure': (args) => shown.measure(args),
    'photo.estimate': (args) => shown.estimate(args),
    'photo.tiles': (args) => shown.tiles(args),
    'photo.worst': (args) => shown.worst(args),
    'photo.probe': (args) => shown.probe(args),
    'photo.baselines': (args) => shown.baselines(args),
    'photo.match': (args) => shown.match(args),

    'queue.save': ({ ids, again, colourings, ...how }) => {
      const { colours } = how;
      const howOf = (id: string) =>
        (again ? batch.howFailed(id) : undefined) ?? {
          ...how,
          ...(colours && { colours: colourOrderSchema.parse({ ...colours, ...colourings?.[id] }) }),
        };
      return batch.add(ids, howOf, fitting.held);
    },
    'queue.fit': (args) => fitting.fit(args),
    'queue.stopFit': () => {
      fitting.stop();
      return {};
    },
    'queue.pause': () => batch.pause(),
    'queue.resume': () => batch.resume(),
    'queue.cancel': () => batch.cancel(),

    'latents.mixture': (args) => mixtures.state(args),
    'latents.share': (args) => mixtures.share(args),
    'latents.scatter': (args) => mixtures.scatter(args),
    'latents.save': (args) => mixtures.save(args),
    'latents.worth': (args) => mixtures.worth(args),
    'latents.samples': (args) => readings.samples(args),
    'latents.encode': (args) => readings.encode(args),
    'latents.decode': (args) => readings.decode(args),
    'latents.between': (args) => readings.between(args),
    'colours.open': (args) => colourings.open(args),
    'colours.close': () => {
      colourings.leave();
      return {};
    },
    'colours.sample': (args) => colourings.sample(args),
    'colours.bits': (args) => colourings.bits(args),
    'colours.stop': () => {
      colourings.stop();
      return {};
    },
    'colours.options': (args) => colourings.options(args),
    'colours.score': (args) => colourings.score(args),
    'colours.remember': (args) => colourings.remember(args),
    'colours.recall': (args) => colourings.recall(args),
    'colours.tiles': (args) => colourings.tiles(args),
    'colours.toLabels': (args) => colourings.toLabels(args),

    'labels.list': () => maps.list(),
    'labels.open': (args) => maps.add(args),
    'labels.close': ({ id }) => {
      maps.remove(id);
      return {};
    },
    'labels.restore': ({ id }) => maps.restore(id),
    'labels.edit': ({ id, edit }) => maps.edit(id, edit),
    'labels.undo': ({ id }) => maps.step(id, 'undo'),
    'labels.redo': ({ id }) => maps.step(id, 'redo'),
    'labels.tiles': (args) => maps.tiles(args),
    'labels.pick': (args) => maps.pick(args),
    'labels.facts': (args) => maps.facts(args),
    'labels.sizes': (args) => maps.sizes(args),
    'labels.reduce': (args) => maps.reduce(args),
    'labels.stopReduce': () => {
      maps.stopReduce();
      return {};
    },
    'labels.save': (args) => maps.save(args),
  };
}
