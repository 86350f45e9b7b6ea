import { basename, extname } from 'node:path';
import type { JobResult } from '../../api/jobs/contract';
import { LaviError } from '../../api/errors';
import type { MapHeader } from '../../api/jobs/labels';
import type { Found } from '../files/scan';

export type Incoming = Found & { upload: boolean };

/** A file that becomes a map, with the photo that goes under it. */
export interface Sorted {
  file: Incoming;
  kind: MapHeader['kind'];
  width: number;
  height: number;
  photo?: Incoming | undefined;
}

interface SizedPhoto {
  file: Incoming;
  width: number;
  height: number;
}

const stem = ({ place }: Incoming) => basename(place, extname(place)).toLowerCase();

/**
 * Tells maps from photos and puts photos under the maps of their size, one of the same name first.
 *
 * @param fail hears of files that are neither, and of photos that fit no map they came with
 * @param photoOnly whatever comes is meant as a photo
 */
export async function sortIncoming(
  incoming: readonly Incoming[],
  peek: (file: string) => Promise<JobResult<'mapPeek'>>,
  fail: (name: string, error: unknown) => void,
  photoOnly: boolean,
): Promise<Sorted[]> {
  const maps: Sorted[] = [];
  const seeded: Incoming[] = [];
  let photos: SizedPhoto[] = [];
  for (const file of incoming) {
    try {
      const found = await peek(file.path);
      if (found.kind === 'seeded') seeded.push(file);
      else {
        const { width, height } = found;
        if (found.kind === 'photo' || photoOnly) photos.push({ file, width, height });
        else maps.push({ file, kind: 'map', width, height });
      }
    } catch (error) {
      fail(file.place, error);
    }
  }
  const take = (fits: (photo: SizedPhoto) => boolean, map: Incoming) => {
    const fitting = photos.filter(fits);
    const found = fitting.find(({ file }) => stem(file) === stem(map)) ?? fitting[0];
    photos = photos.filter((photo) => photo !== found);
    return found;
  };
  for (const map of maps) {
    const found = take(
      ({ width, height }) => width === map.width && height === map.height,
      map.file,
    );
    map.photo = found?.file;
  }
  for (const file of seeded) {
    const photo = take(() => true, file);
    if (photo) {
      const { width, height } = photo;
      maps.push({ file, kind: 'seeded', width, height, photo: photo.file });
    } else {
      const text = 'The map is stored as seeds on a photo: open it together with that photo.';
      fail(file.place, new LaviError('WRONG_CONTENT', text));
    }
  }
  if (maps.length === 0) {
    return photos.map(({ file, width, height }) => ({ file, kind: 'photo', width, height }));
  }
  for (const { file, width, height } of photos) {
    const text = `The photo is ${width} × ${height}, and is left over: no map beside it takes it.`;
    fail(file.place, new LaviError('SIZE_MISMATCH', text));
  }
  return maps;
}
