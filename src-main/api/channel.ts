import { createBirpc } from 'birpc';
import { z } from 'zod';
import type { Answer } from './answer';
import { answerOf, answerSchema, parseOrRefuse, valueOf } from './answer';
import type { CallArgs, CallName, CallValue, EventData, EventName } from './contract';
import { calls, events } from './contract';
import { LaviError } from './errors';

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

export type CallHandlers = {
  [Name in CallName]: (args: CallArgs<Name>) => Promise<CallValue<Name>> | CallValue<Name>;
};

export interface ServerChannel {
  emit<Name extends EventName>(name: Name, data: EventData<Name>): void;
  close(): void;
}

/**
 * The engine's end. Arguments are parsed before a handler sees them and its value before it leaves;
 * what a handler throws becomes an answer.
 */
export function serveChannel(
  transport: Transport,
  handlers: CallHandlers,
  onRefused: (error: LaviError) => void = () => {},
): ServerChannel {
  const names = Object.keys(calls) as CallName[];
  const functions = Object.fromEntries(
    names.map((name) => [
      name,
      (data: unknown) =>
        answerOf(async () => {
          const args = parseOrRefuse(calls[name].args, data, `The call "${name}"`);
          const handler = handlers[name] as (args: unknown) => unknown;
          return calls[name].value.parse(await handler(args));
        }),
    ]),
  );
  const rpc = connect(transport, functions, onRefused);
  return {
    emit: (name, data) => {
      // A listener that went away is noticed by whoever owns the transport.
      rpc.$callEvent(name, events[name].parse(data)).catch(() => {});
    },
    close: () => rpc.$close(),
  };
}

export type EventHandlers = { [Name in EventName]: (data: EventData<Name>) => void };

export interface ClientChannel {
  /** @throws LaviError as the engine answered, or the error the channel was closed with. */
  call<Name extends CallName>(name: Name, args: CallArgs<Name>): Promise<CallValue<Name>>;
  /** Ends every call still waiting with `error`. */
  close(error: LaviError): void;
}

/** A shell's end. */
export function openChannel(
  transport: Transport,
  handlers: EventHandlers,
  onRefused: (error: LaviError) => void = () => {},
): ClientChannel {
  const names = Object.keys(events) as EventName[];
  const functions = Object.fromEntries(
    names.map((name) => [
      name,
      (data: unknown) => {
        const parsed = events[name].safeParse(data);
        if (parsed.success) (handlers[name] as (data: unknown) => void)(parsed.data);
        else onRefused(new LaviError('BAD_REQUEST', `An event "${name}" was not understood.`));
      },
    ]),
  );
  const rpc = connect(transport, functions, onRefused);
  return {
    call: async (name, args) => {
      const schema: z.ZodType = answerSchema(calls[name].value);
      const answer = schema.safeParse(await rpc.$call(name, args));
      if (!answer.success) {
        throw new LaviError('INTERNAL', `The engine's answer to "${name}" was not understood.`);
      }
      return valueOf(answer.data as Answer<CallValue<typeof name>>);
    },
    close: (error) => rpc.$close(error),
  };
}
