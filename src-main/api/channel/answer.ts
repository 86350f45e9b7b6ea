import { z } from 'zod';
import { errorCodes, LaviError } from '../errors';

// Generated validators need eval, which a page's content security policy forbids.
z.config({ jitless: true });

export const failureSchema = z.object({
  code: z.enum(errorCodes),
  message: z.string(),
  detail: z.record(z.string(), z.unknown()).optional(),
});

/** What crosses a channel, or a JSON line, in place of a thrown LaviError. */
export type Failure = z.infer<typeof failureSchema>;

/** The answer to every call: errors are values, so no transport has to carry exceptions. */
export type Answer<Value> = { ok: true; value: Value } | { ok: false; error: Failure };

export function answerSchema<Value extends z.ZodType>(value: Value) {
  return z.discriminatedUnion('ok', [
    z.object({ ok: z.literal(true), value }),
    z.object({ ok: z.literal(false), error: failureSchema }),
  ]);
}

/** A LaviError as it is; an abort as CANCELLED; anything else is a bug and becomes INTERNAL. */
export function toLaviError(error: unknown): LaviError {
  if (error instanceof LaviError) return error;
  if (error instanceof Error && error.name === 'AbortError') {
    return new LaviError('CANCELLED', 'The work was cancelled.', undefined, { cause: error });
  }
  const message = error instanceof Error ? error.message : String(error);
  return new LaviError('INTERNAL', message || 'An error without a message.', undefined, {
    cause: error,
  });
}

export function toFailure(error: unknown): Failure {
  const { code, message, detail } = toLaviError(error);
  return detail ? { code, message, detail } : { code, message };
}

/** Runs `work` and gives its value or its error as an answer; never rejects. */
export async function answerOf<Value>(work: () => Promise<Value> | Value): Promise<Answer<Value>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    return { ok: false, error: toFailure(error) };
  }
}

/** @throws LaviError the failure the answer carries. */
export function valueOf<Value>(answer: Answer<Value>): Value {
  if (answer.ok) return answer.value;
  throw new LaviError(answer.error.code, answer.error.message, answer.error.detail);
}

/**
 * Parses `data` by `schema`.
 *
 * @throws LaviError BAD_REQUEST naming each place that differs, what was expected there and found.
 */
export function parseOrRefuse<Schema extends z.ZodType>(
  schema: Schema,
  data: unknown,
  what: string,
): z.output<Schema> {
  const result = schema.safeParse(data);
  if (result.success) return result.data;
  const places = result.error.issues.map((issue) =>
    issue.path.length > 0 ? `${issue.path.join('.')}: ${issue.message}` : issue.message,
  );
  throw new LaviError('BAD_REQUEST', `${what} was not understood: ${places.join('; ')}.`);
}
