import { join } from 'node:path';
import type { AppContract } from '../../api/calls/contract';
import type { ArgsOf, ValueOf } from '../../api/channel/channel';
import type { Files } from '../files/files';
import type { Maps } from '../labels/maps';
import type { Pictures } from '../picture-cache';
import type { Engines } from '../engines';

type Call = `colours.${string}` & keyof AppContract['calls'];
type Args<Name extends Call> = ArgsOf<AppContract, Name>;
type Value<Name extends Call> = ValueOf<AppContract, Name>;

/** Colourings of photos on the list: the engine's jobs, with files for ids and addresses for pictures. */
export class Colourings {
  #id?: string | undefined;
  #leaving = new AbortController();
  #sampling = new AbortController();
  #release: () => void = () => {};

  constructor(
    readonly engines: Engines,
    readonly files: Files,
    readonly pictures: Pictures,
    readonly maps: Maps,
    /** What is remembered of a photo has changed. */
    readonly onRemembered: () => void,
  ) {}

  async open({ id }: Args<'colours.open'>): Promise<Value<'colours.open'>> {
    const { path } = this.files.get(id);
    if (this.#id !== id) {
      this.leave();
      this.#id = id;
      this.#release = this.engines.main.hold();
    }
    return this.engines.main.run('colourScene', { file: path }, { signal: this.#leaving.signal });
  }

  /** Ends the work for a photo, or for whichever is shown. */
  leave(id = this.#id): void {
    if (id === undefined || id !== this.#id) return;
    this.#leaving.abort();
    this.#leaving = new AbortController();
    this.stop();
    this.#id = undefined;
    this.#release();
  }

  async sample({ id, ...args }: Args<'colours.sample'>): Promise<Value<'colours.sample'>> {
    const { path } = this.files.get(id);
    const { signal } = this.#sampling;
    const make = (options = {}) =>
      this.engines.main.run(
        'colouring',
        { file: path, folder: this.pictures.folder, ...args },
        options,
      );
    const { thumb, ...sample } = await make({ signal });
    return { ...sample, thumb: await this.pictures.add(thumb.name, thumb.bytes, make) };
  }

  bits({ id, colouring }: Args<'colours.bits'>): Promise<Value<'colours.bits'>> {
    const file = this.files.get(id).path;
    const { signal } = this.#sampling;
    return this.engines.main.run('colouringBits', { file, colouring }, { signal });
  }

  stop(): void {
    this.#sampling.abort();
    this.#sampling = new AbortController();
  }

  options({ id, ...args }: Args<'colours.options'>): Promise<Value<'colours.options'>> {
    const { path } = this.files.get(id);
    const { signal } = this.#leaving;
    return this.engines.main.run('colourOptions', { file: path, ...args }, { signal });
  }

  async score({ id }: Args<'colours.score'>): Promise<Value<'colours.score'>> {
    const { path } = this.files.get(id);
    const { signal } = this.#leaving;
    return (await this.engines.main.run('colourScore', { file: path }, { signal })).score;
  }

  remember({ id, work }: Args<'colours.remember'>): Value<'colours.remember'> {
    this.files.get(id).colours = work;
    this.onRemembered();
    return {};
  }

  recall({ id }: Args<'colours.recall'>): Value<'colours.recall'> {
    return this.files.get(id).colours ?? null;
  }

  async tiles({ id, ...args }: Args<'colours.tiles'>): Promise<Value<'colours.tiles'>> {
    const request = { file: this.files.get(id).path, folder: this.pictures.folder, ...args };
    const { signal } = this.#leaving;
    const made = await this.engines.main.run('colourTiles', request, { signal });
    return Promise.all(
      made.map(async ({ name, bytes, ...place }) => {
        const again = () => this.engines.main.run('colourTiles', { ...request, ...place });
        return { ...place, url: await this.pictures.add(name, bytes, again) };
      }),
    );
  }

  async toLabels({
    id,
    colouring,
    names,
  }: Args<'colours.toLabels'>): Promise<Value<'colours.toLabels'>> {
    const { path, place, upload, entry } = this.files.get(id);
    const output = join(this.pictures.folder, `labels-${id}.png`);
    const { bytes, ...size } = await this.engines.main.run('colourMap', {
      file: path,
      colouring,
      output,
      ...(names && { names }),
    });
    // As if both had been dropped: the map is saved where the photo's own outputs go.
    const stem = place.replace(/\.[^./\\]*$/, '');
    const file = {
      path: output,
      place: `${stem}.png`,
      kind: 'photo' as const,
      bytes,
      upload: true,
    };
    const photo = { path, place, kind: entry.kind, bytes: entry.bytes, upload };
    const below = entry.kind === 'photo' ? { photo } : {};
    return { map: await this.maps.take({ file, ...size, ...below }) };
  }
}
