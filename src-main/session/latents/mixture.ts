import type { AppContract, Settings } from '../../api/calls/contract';
import type { ArgsOf, ValueOf } from '../../api/channel/channel';
import type { Files } from '../files/files';
import { planOutput } from '../files/outputs';
import type { Pictures } from '../picture-cache';
import type { EngineRunner } from '../engines';

type Args<Name extends `latents.${string}` & keyof AppContract['calls']> = ArgsOf<
  AppContract,
  Name
>;
type Value<Name extends `latents.${string}` & keyof AppContract['calls']> = ValueOf<
  AppContract,
  Name
>;

const endings = {
  aco: '.aco',
  gpl: '.gpl',
  css: '.css',
  png: '-palette.png',
  posterised: '-posterised.png',
  labels: '-labels.png',
} as const;

/** Mixtures of photos on the list: the engine's jobs, with files for ids and addresses for pictures. */
export class Mixtures {
  constructor(
    readonly engine: () => EngineRunner,
    readonly files: Files,
    readonly pictures: Pictures,
    readonly settings: () => Settings,
  ) {}

  async state({ id, ...args }: Args<'latents.mixture'>): Promise<Value<'latents.mixture'>> {
    const { path } = this.files.get(id);
    const make = () =>
      this.engine().run('mixture', { file: path, folder: this.pictures.folder, ...args });
    const { pictures, ...state } = await make();
    const urls: Value<'latents.mixture'>['pictures'] = {};
    for (const { what, name, bytes } of pictures) {
      urls[what] = await this.pictures.add(name, bytes, make);
    }
    return { ...state, pictures: urls };
  }

  async share({ id, ...args }: Args<'latents.share'>): Promise<Value<'latents.share'>> {
    const { path } = this.files.get(id);
    const make = () =>
      this.engine().run('mixtureShare', { file: path, folder: this.pictures.folder, ...args });
    const { name, bytes } = await make();
    return { url: await this.pictures.add(name, bytes, make) };
  }

  async scatter({ id }: Args<'latents.scatter'>): Promise<Value<'latents.scatter'>> {
    const { path } = this.files.get(id);
    const make = () => this.engine().run('scatter', { file: path, folder: this.pictures.folder });
    return Promise.all(
      (await make()).map(async ({ name, bytes, ...one }) => ({
        ...one,
        url: await this.pictures.add(name, bytes, make),
      })),
    );
  }

  async save({ id, ...args }: Args<'latents.save'>): Promise<Value<'latents.save'>> {
    const file = this.files.get(id);
    const { output } = planOutput(file, this.settings(), endings[args.what]);
    const name = file.entry.name.replace(/\.[^.]*$/, '');
    return this.engine().run('mixtureSave', { file: file.path, name, output, ...args });
  }

  async worth({ id, ...args }: Args<'latents.worth'>): Promise<Value<'latents.worth'>> {
    return this.engine().run('worth', { file: this.files.get(id).path, ...args });
  }
}
