import type { AppContract } from '../../api/calls/contract';
import type { ArgsOf, ValueOf } from '../../api/channel/channel';
import type { vaeCalls } from '../../api/calls/latents/vae';
import type { Files } from '../files/files';
import type { Pictures } from '../picture-cache';
import type { EngineRunner } from '../engines';

type Args<Name extends keyof typeof vaeCalls> = ArgsOf<AppContract, Name>;
type Value<Name extends keyof typeof vaeCalls> = ValueOf<AppContract, Name>;

/** What the Gaussian VAE says of crops: the engine's jobs, with files for ids and addresses for pictures. */
export class Readings {
  #encoding = new AbortController();
  #between = new AbortController();

  constructor(
    readonly nets: () => EngineRunner,
    readonly files: Files,
    readonly pictures: Pictures,
  ) {}

  async samples(args: Args<'latents.samples'>): Promise<Value<'latents.samples'>> {
    const make = () => this.nets().run('vaeSamples', { folder: this.pictures.folder, ...args });
    const { latents, pictures } = await make();
    return { latents, urls: await Promise.all(pictures.map((one) => this.#url(one, make))) };
  }

  async encode({ id, ...args }: Args<'latents.encode'>): Promise<Value<'latents.encode'>> {
    const { path: file } = this.files.get(id);
    this.#encoding.abort();
    const { signal } = (this.#encoding = new AbortController());
    const make = (options = {}) =>
      this.nets().run('vaeEncode', { file, folder: this.pictures.folder, ...args }, options);
    const { reading, preview, crop, reconstruction } = await make({ signal });
    return {
      ...reading,
      preview: await this.#url(preview, make),
      crop: await this.#url(crop, make),
      reconstruction: await this.#url(reconstruction, make),
    };
  }

  async decode({ id, ...args }: Args<'latents.decode'>): Promise<Value<'latents.decode'>> {
    const { path: file } = this.files.get(id);
    const make = () =>
      this.nets().run('vaeDecode', { file, folder: this.pictures.folder, ...args });
    const { picture, error } = await make();
    return { url: await this.#url(picture, make), error };
  }

  async between({ from, to, count }: Args<'latents.between'>): Promise<Value<'latents.between'>> {
    const [start, end] = [from, to].map(({ id, at }) => ({ file: this.files.get(id).path, at }));
    this.#between.abort();
    const { signal } = (this.#between = new AbortController());
    const args = { from: start!, to: end!, count, folder: this.pictures.folder };
    const make = (options = {}) => this.nets().run('vaeBetween', args, options);
    const { ends, pictures } = await make({ signal });
    const shown = [];
    for (const { preview, crop, ...place } of ends) {
      const urls = { preview: await this.#url(preview, make), crop: await this.#url(crop, make) };
      shown.push({ ...place, ...urls });
    }
    return { ends: shown, urls: await Promise.all(pictures.map((one) => this.#url(one, make))) };
  }

  #url({ name, bytes }: { name: string; bytes: number }, make: () => Promise<unknown>) {
    return this.pictures.add(name, bytes, () => make());
  }
}
