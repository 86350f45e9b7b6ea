import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AppContract } from '../../src-main/api/calls/contract';
import { appContract } from '../../src-main/api/calls/contract';
import type { ClientChannel, DataOf, EventOf, Transport } from '../../src-main/api/channel/channel';
import { openChannel } from '../../src-main/api/channel/channel';
import type { LaviError } from '../../src-main/api/errors';
import { Session } from '../../src-main/session/session';
import { readModelCard } from '../../src-main/shell/process/model-card';
import { defaultSettings } from '../../src-main/shell/process/user-folders';
import { TestEngines } from './test-engines';

export const modelsDir = join(import.meta.dirname, '../../models');

interface TestSessionOptions {
  limits?: { fileBytes: number; totalBytes: number; count: number };
  /** A folder of its own when left out. */
  root?: string;
  modelsDir?: string;
  /** Sizes are estimated at once, or else never. */
  restMs?: number;
}

/** A session over engines that compute nothing. */
export async function testSession({
  limits,
  root: given,
  modelsDir: models = modelsDir,
  restMs = 2 ** 30,
}: TestSessionOptions = {}) {
  const root = given ?? (await mkdtemp(join(tmpdir(), 'lavi-session-')));
  const engines = new TestEngines();
  const session = await Session.open({
    model: () => readModelCard(models),
    ...{ engines, platform: 'web', version: '1.2.3', home: root },
    configDir: join(root, 'config'),
    cacheDir: join(root, 'cache'),
    defaults: { ...defaultSettings(root), outputFolder: join(root, 'saved') },
    ...(limits && { uploadLimits: limits }),
    restMs,
  });
  const close = async () => {
    await session.close();
    await rm(root, { recursive: true, force: true });
  };
  return { session, engines, root, close };
}

type Heard = { [Name in EventOf<AppContract>]: DataOf<AppContract, Name>[] };

/** A page's end of the channel, which remembers all events. */
export class TestPage {
  readonly heard: Heard = {
    ...{ files: [], queue: [], fitting: [], progress: [], glimpse: [], curve: [] },
    ...{ baselines: [], settings: [], crashed: [] },
  };
  readonly refused: LaviError[] = [];
  readonly channel: ClientChannel<AppContract>;
  #check: () => void = () => {};

  constructor(transport: Transport) {
    const names = Object.keys(this.heard) as EventOf<AppContract>[];
    const handlers = Object.fromEntries(
      names.map((name) => [
        name,
        (data: never) => {
          this.heard[name].push(data);
          this.#check();
        },
      ]),
    );
    this.channel = openChannel(appContract, transport, handlers as never, (error) => {
      this.refused.push(error);
    });
  }

  get call() {
    return this.channel.call;
  }

  /** Waits until what was heard satisfies `holds`. */
  async until(holds: (heard: Heard) => boolean): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#check = () => holds(this.heard) && resolve();
      this.#check();
    });
  }

  /** The newest state of a file that an event told. */
  file(id: string) {
    const entries = this.heard.files.flatMap(({ changed }) => changed);
    return entries.filter((entry) => entry.id === id).at(-1);
  }
}
