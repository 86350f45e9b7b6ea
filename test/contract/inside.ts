import { Readable } from 'node:stream';
import { z } from 'zod';
import { fileEntrySchema } from '../../src-main/api/calls/contract';
import type { ClientChannel, Handlers } from '../../src-main/api/channel/channel';
import type { Session } from '../../src-main/session/session';
import { testSession } from './app';
import type { Connection } from './app-cases';
import type { TestEngines } from './test-engines';

const nothing = z.object({});

/** What the cases see and do on the session's own side, wherever that is. */
export const insideContract = {
  calls: {
    engines: {
      args: nothing,
      value: z.object({
        configured: z.unknown(),
        held: z.int(),
        chartsStopped: z.int(),
        started: z.array(z.object({ kind: z.string(), args: z.record(z.string(), z.unknown()) })),
      }),
    },
    settingsKept: { args: nothing, value: nothing },
    /** The file behind a picture's name, if there is one. */
    picture: {
      args: z.object({ name: z.string() }),
      value: z.object({ path: z.string().optional() }),
    },
    saved: { args: z.object({ ids: z.array(z.string()) }), value: z.array(z.string()) },
    upload: {
      args: z.object({ path: z.string(), modified: z.number(), text: z.string() }),
      value: fileEntrySchema,
    },
    crash: { args: z.object({ message: z.string(), jobsLost: z.int() }), value: nothing },
  },
  events: {},
} as const;
export type InsideContract = typeof insideContract;
export type Inside = ClientChannel<InsideContract>['call'];

export function insideHandlers(session: Session, engines: TestEngines): Handlers<InsideContract> {
  return {
    engines: () => {
      const { configured, held, chartsStopped, started } = engines;
      const jobs = started.map(({ kind, args }) => ({ kind, args: { ...(args as object) } }));
      return { configured, held, chartsStopped, started: jobs };
    },
    settingsKept: async () => {
      await session.settings.flushed();
      return {};
    },
    picture: async ({ name }) => {
      const path = await session.picture(name);
      return path === undefined ? {} : { path };
    },
    saved: ({ ids }) => session.saved.paths(ids),
    upload: ({ path, modified, text }) =>
      session.upload({ name: path.split('/').at(-1)!, path, modified }, Readable.from([text])),
    crash: ({ message, jobsLost }) => {
      session.crashed(message, jobsLost);
      return {};
    },
  };
}

/**
 * Connects to a session in this very process, by whatever carries its calls.
 *
 * @param open serves the session and gives the page's end
 */
export async function connectInside(
  root: string,
  open: (session: Session) => Promise<Omit<Connection, 'inside'>>,
): Promise<Connection> {
  const { session, engines } = await testSession({ root });
  const { transport, close } = await open(session);
  const handlers = insideHandlers(session, engines);
  const inside = (async (name: keyof typeof handlers, args: never) =>
    handlers[name](args)) as unknown as Inside;
  return {
    ...{ transport, inside },
    async close() {
      await close();
      await session.close();
    },
  };
}
