/** Every way a call can fail, closed: the renderer and the CLI translate codes, never messages. */
export const errorCodes = [
  'BAD_REQUEST',
  'FILE_NOT_FOUND',
  'FILE_UNREADABLE',
  'FILE_EXISTS',
  'WRITE_FAILED',
  'UNSUPPORTED_IMAGE',
  'IMAGE_TOO_LARGE',
  'SIZE_MISMATCH',
  'NOT_LAVI',
  'WRONG_CONTENT',
  'UNSUPPORTED_VERSION',
  'TRUNCATED',
  'CORRUPT',
  'WRONG_MODEL',
  'MODEL_MISSING',
  'MODEL_MISMATCH',
  'TARGET_UNREACHABLE',
  'PROVIDER_UNAVAILABLE',
  'CANCELLED',
  'ENGINE_CRASHED',
  'INTERNAL',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/**
 * The only error that crosses a room's border. `message` says what was expected and what was found,
 * in one plain sentence; `detail` holds values a caller may act on (the nearest reachable target, say).
 */
export class LaviError extends Error {
  override readonly name = 'LaviError';
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly detail?: Record<string, unknown>,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}
