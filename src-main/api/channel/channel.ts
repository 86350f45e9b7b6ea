import { createBirpc } from 'birpc';
import { z } from 'zod';
import type { Answer } from './answer';
import { answerOf, answerSchema, parseOrRefuse, valueOf } from './answer';
import { LaviError } from '../errors';

/**
 * Anything that carries text both ways: process IPC, a MessagePort, a WebSocket. Messages are JSON
 * strings, since two versions of V8 need not agree on structured clones.
 */
export interface Transport {
  post(message: string): void;
  /** Calls `listener` with each message received, until the returned function is called. */
  listen(listener: (message: unknown) => void): () => void;
}

/** The envelope around every call, event and answer. */
const envelope = z.union([
  z.object({
    t: z.literal('q'),
    i: z.string().optional(),
    m: z.string(),
    a: z.array(z.unknown()),
  }),
  z.object({
    t: z.literal('s'),
    i: z.string(),
    r: z.unknown().optional(),
    e: z.unknown().optional(),
  }),
]);

type RemoteFunctions = Record<string, (data: unknown) => unknown>;

/**
 * @param functions what the other side may call, by name
 * @param onRefused hears of messages that are no calls at all, and so cannot be answered
 */
function connect(
  transport: Transport,
  functions: RemoteFunctions,
  onRefused: (error: LaviError) => void,
) {
  let stop = () => {};
  return createBirpc<RemoteFunctions, RemoteFunctions, false>(functions, {
    proxify: false,
    // Jobs have no time limit; a transport that dies closes the channel instead.
    timeout: -1,
    post: (message: string) => transport.post(message),
    on: (listener) => {
      stop = transport.listen(listener);
    },
    off: () => stop(),
    serialize: (message) => JSON.stringify(message),
    deserialize: (message: unknown) => {
      let json: unknown;
      try {
        json = JSON.parse(String(message));
      } catch (cause) {
        throw new LaviError('BAD_REQUEST', 'A message was not JSON.', undefined, { cause });
      }
      return parseOrRefuse(envelope, json, 'A message');
    },
    resolver: (name, found) =>
      Object.hasOwn(functions, name) ? found : () => refusal(`There is no call named "${name}".`),
    onGeneralError: (error) => {
      if (!(error instanceof LaviError)) return false;
      onRefused(error);
      return true;
    },
  });
}

function refusal(message: string): Answer<never> {
  return { ok: false, error: { code: 'BAD_REQUEST', message } };
}

/** The calls and events between two sides, with the schemas of what they carry. */
export interface Contract {
  calls: Record<string, { args: z.ZodType; value: z.ZodType }>;
  events: Record<string, z.ZodType>;
}

export type CallOf<C extends Contract> = keyof C['calls'] & string;
export type EventOf<C extends Contract> = keyof C['events'] & string;
/** A call's arguments as a caller writes them, and as a handler gets them, defaults filled in. */
export type InputOf<C extends Contract, Name extends CallOf<C>> = z.input<C['calls'][Name]['args']>;
export type ArgsOf<C extends Contract, Name extends CallOf<C>> = z.output<C['calls'][Name]['args']>;
export type ValueOf<C extends Contract, Name extends CallOf<C>> = z.output<
  C['calls'][Name]['value']
>;
export type DataOf<C extends Contract, Name extends EventOf<C>> = z.output<C['events'][Name]>;

export type Handlers<C extends Contract> = {
  [Name in CallOf<C>]: (args: ArgsOf<C, Name>) => Promise<ValueOf<C, Name>> | ValueOf<C, Name>;
};

export interface ServerChannel<C extends Contract> {
  emit<Name extends EventOf<C>>(name: Name, data: DataOf<C, Name>): void;
  close(): void;
}

/**
 * The end that answers. Arguments are parsed before a handler sees them and its value before it
 * leaves; what a handler throws becomes an answer.
 */
export function serveChannel<C extends Contract>(
  { calls, events }: C,
  transport: Transport,
  handlers: Handlers<C>,
  onRefused: (error: LaviError) => void = () => {},
): ServerChannel<C> {
  const functions = Object.fromEntries(
    Object.entries(calls).map(([name, { args, value }]) => [
      name,
      (data: unknown) =>
        answerOf(async () => {
          const parsed = parseOrRefuse(args, data, `The call "${name}"`);
          const handler = handlers[name as CallOf<C>] as (args: unknown) => unknown;
          return value.parse(await handler(parsed));
        }),
    ]),
  );
  const rpc = connect(transport, functions, onRefused);
  return {
    emit: (name, data) => {
      // A listener that went away is noticed by whoever owns the transport.
      rpc.$callEvent(name, events[name]!.parse(data)).catch(() => {});
    },
    close: () => rpc.$close(),
  };
}

export type EventHandlers<C extends Contract> = {
  [Name in EventOf<C>]: (data: DataOf<C, Name>) => void;
};

export interface ClientChannel<C extends Contract> {
  /** @throws LaviError as the other side answered, or the error the channel was closed with. */
  call<Name extends CallOf<C>>(name: Name, args: InputOf<C, Name>): Promise<ValueOf<C, Name>>;
  /** Ends every call still waiting with `error`. */
  close(error: LaviError): void;
}

/** The end that calls. */
export function openChannel<C extends Contract>(
  { calls, events }: C,
  transport: Transport,
  handlers: EventHandlers<C>,
  onRefused: (error: LaviError) => void = () => {},
): ClientChannel<C> {
  const functions = Object.fromEntries(
    Object.entries(events).map(([name, schema]) => [
      name,
      (data: unknown) => {
        const parsed = schema.safeParse(data);
        const handler = handlers[name as EventOf<C>] as (data: unknown) => void;
        if (parsed.success) handler(parsed.data);
        else onRefused(new LaviError('BAD_REQUEST', `An event "${name}" was not understood.`));
      },
    ]),
  );
  const rpc = connect(transport, functions, onRefused);
  return {
    call: async <Name extends CallOf<C>>(name: Name, args: InputOf<C, Name>) => {
      const schema: z.ZodType = answerSchema(calls[name]!.value);
      const answer = schema.safeParse(await rpc.$call(name, args));
      if (!answer.success) {
        throw new LaviError('INTERNAL', `The answer to "${name}" was not understood.`);
      }
      return valueOf(answer.data as Answer<ValueOf<C, Name>>);
    },
    close: (error) => rpc.$close(error),
  };
}
