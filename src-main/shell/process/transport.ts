import type { Transport } from '../../api/channel/channel';
import { LaviError } from '../../api/errors';

interface ProcessLike {
  connected?: boolean;
  send?(message: string, done: (error: Error | null) => void): boolean;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  off(event: 'message', listener: (message: unknown) => void): unknown;
}

/** The channel between a process and its child: pass the child, or `process` within it. */
export function processTransport(peer: ProcessLike): Transport {
  return {
    post(message) {
      if (!peer.connected || !peer.send) {
        throw new LaviError('ENGINE_CRASHED', 'The other process is gone.');
      }
      // Failures after this check mean that the process just died; its exit event tells the rest.
      peer.send(message, () => {});
    },
    listen(listener) {
      peer.on('message', listener);
      return () => peer.off('message', listener);
    },
  };
}
