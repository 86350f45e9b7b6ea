import type { AppContract } from '../src-main/api/calls/contract';
import { appContract, fileEntrySchema } from '../src-main/api/calls/contract';
import { answerSchema, valueOf } from '../src-main/api/channel/answer';
import type {
  ClientChannel,
  DataOf,
  EventHandlers,
  EventOf,
} from '../src-main/api/channel/channel';
import { openChannel } from '../src-main/api/channel/channel';
import { LaviError } from '../src-main/api/errors';
import type { ShellBridge } from '../src-main/api/channel/page';
import { portAnswer, portRequest, socketPath, uploadPath } from '../src-main/api/channel/page';
import { portTransport, socketTransport } from '../src-main/api/channel/transports';

declare global {
  interface Window {
    lavi?: ShellBridge;
  }
}

export type AppEvent = EventOf<AppContract>;
type Listener<Name extends AppEvent> = (data: DataOf<AppContract, Name>) => void;

/** What the system's shell offers beyond a browser; nothing in one. */
export const bridge: ShellBridge = window.lavi ?? {};

const lost = () => new LaviError('ENGINE_CRASHED', 'The connection to Lavi was lost.');

/** The session behind the page, however the shell carries messages; connects again when cut off. */
export class Client {
  readonly #listeners = new Map<string, Set<(data: never) => void>>();
  #channel?: ClientChannel<AppContract> | undefined;
  /** Hears of the connection coming and going. */
  onConnection: (connected: boolean) => void = () => {};

  /** Opens the channel; resolves once calls can be made. */
  async connect(): Promise<void> {
    const transport = window.lavi ? portTransport(await requestPort()) : await this.#socket();
    this.#channel = openChannel(appContract, transport, this.#handlers(), console.error);
    this.onConnection(true);
  }

  readonly call: ClientChannel<AppContract>['call'] = (name, args) =>
    this.#channel ? this.#channel.call(name, args) : Promise.reject(lost());

  /** Hears an event until the returned function is called. */
  on<Name extends AppEvent>(name: Name, listener: Listener<Name>): () => void {
    const set = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, set.add(listener));
    return () => set.delete(listener);
  }

  /** Sends up a file that has no path; its entry comes back. */
  async upload(file: File, path: string, room?: 'labels') {
    const query = new URLSearchParams({
      name: file.name,
      path,
      modified: String(file.lastModified),
      ...(room && { room }),
    });
    const response = await fetch(`${uploadPath}?${query}`, {
      method: 'POST',
      body: file,
      headers: { 'content-type': 'application/octet-stream' },
    });
    return valueOf(answerSchema(fileEntrySchema).parse(await response.json()));
  }

  #handlers(): EventHandlers<AppContract> {
    const names = Object.keys(appContract.events) as AppEvent[];
    const entries = names.map((name) => [name, (data: never) => this.#tell(name, data)]);
    return Object.fromEntries(entries) as EventHandlers<AppContract>;
  }

  #tell(name: AppEvent, data: never) {
    for (const listener of this.#listeners.get(name) ?? []) listener(data);
  }

  async #socket() {
    const url = new URL(socketPath, location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(url);
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener('open', () => resolve(), { once: true });
      socket.addEventListener('error', () => reject(lost()), { once: true });
    });
    socket.addEventListener('close', () => {
      this.#channel?.close(lost());
      this.#channel = undefined;
      this.onConnection(false);
    });
    return socketTransport(socket);
  }
}

/** The port that Electron's preload script hands over. */
function requestPort(): Promise<MessagePort> {
  return new Promise((resolve) => {
    const onMessage = (event: MessageEvent) => {
      const [port] = event.ports;
      if (event.source !== window || event.data !== portAnswer || !port) return;
      window.removeEventListener('message', onMessage);
      resolve(port);
    };
    window.addEventListener('message', onMessage);
    window.postMessage(portRequest, location.origin === 'null' ? '*' : location.origin);
  });
}

export const client = new Client();
