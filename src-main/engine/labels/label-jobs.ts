import type { JobHandlers } from '../common/job';
import type { JobKind } from '../../api/jobs/contract';
import { LaviError } from '../../api/errors';
import type { labelJobs } from '../../api/jobs/labels';
import { readInput } from '../../jobs/input';
import { steadyProgress } from '../../jobs/progress';
import type { Lane } from '../../jobs/queue';
import { throwIfCancelled } from '../../jobs/queue';
import { otherSizes } from '../../labels/compare';
import { encodeLabels, encodeSeededLabels } from '../../labels/file';
import { describeStatistics } from '../../labels/files';
import { reduceToSeeds } from '../../labels/reduce';
import { labelStatistics } from '../../labels/statistics';
import { LruCache } from '../common/lru-cache';
import { OpenedMap } from './opened';
import { saveMap } from './save';
import { keepSeeds } from './seeds';
import { peekMap } from './source';
import { writeMapTiles } from './tiles';

export type MapJob = keyof typeof labelJobs & JobKind;

export const mapLanes: Record<MapJob, Lane> = {
  mapPeek: 'numbers',
  mapState: 'preview',
  mapTiles: 'preview',
  mapPick: 'preview',
  mapFacts: 'numbers',
  mapSizes: 'numbers',
  mapReduce: 'chart',
  mapSave: 'saving',
};

/** The jobs of the Labels workspace. */
export function mapHandlers(): JobHandlers<MapJob> {
  const maps = new LruCache<OpenedMap>(2);
  const at = async <Value>(
    { folder, line }: { folder: string; line: number },
    use: (map: OpenedMap) => Promise<Value> | Value,
  ): Promise<Value> => {
    const map = await maps.get(folder, async () => new OpenedMap(folder));
    return map.at(line, use);
  };
  return {
    mapPeek: ({ file }) => peekMap(file),
    mapState: (args) => at(args, (opened) => opened.state),
    mapTiles: (args, { signal }) =>
      at(args, (opened) => {
        throwIfCancelled(signal);
        return writeMapTiles(opened, args);
      }),
    mapPick: (args) =>
      at(args, ({ map }) => {
        const { x, y } = args;
        if (x < map.width && y < map.height) return { label: map.labels[y * map.width + x]! };
        throw new LaviError('BAD_REQUEST', `Expected a pixel of the map and found ${x}, ${y}.`);
      }),
    mapFacts: (args) =>
      at(args, async (opened) => {
        const { effort, line } = args;
        const { sourceFile } = opened;
        const file = sourceFile
          ? await readInput(sourceFile)
          : encodeLabels(opened.map, { effort }).file;
        return { line, ...describeStatistics(labelStatistics(file)) };
      }),
    mapSizes: (args) =>
      at(args, async ({ map }) => {
        const { png, webp } = await otherSizes(map);
        return { line: args.line, png, webp: webp ?? null };
      }),
    mapReduce: (args, { signal, onProgress }) =>
      at(args, async (opened) => {
        const { map, folder } = opened;
        const steady = steadyProgress(onProgress);
        const check = async (fraction: number) => {
          steady(fraction);
          // Lets the word that the search is over be heard.
          await new Promise((done) => setImmediate(done));
          throwIfCancelled(signal);
        };
        const costs = await opened.costs();
        const { seeds, agreement } = await reduceToSeeds(map, costs, args.agreement, check);
        await keepSeeds(folder, { line: args.line, seeds });
        const exact = encodeSeededLabels(map, await opened.luma(), seeds);
        return {
          line: args.line,
          seeds: seeds.flatMap(({ index, label }) => [
            index % map.width,
            Math.floor(index / map.width),
            label,
          ]),
          agreement,
          exactBytes: exact.length,
        };
      }),
    mapSave: (args) => at(args, (opened) => saveMap(opened, args)),
  };
}
