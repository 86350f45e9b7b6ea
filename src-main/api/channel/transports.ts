import type { Transport } from './channel';

/** Events of pages and of Node share no type that has `data`. */
type MessageListener = (event: object) => void;

function dataOf(event: object): unknown {
  return (event as { data?: unknown }).data;
}

interface PortLike {
  postMessage(message: string): void;
  addEventListener(type: 'message', listener: MessageListener): void;
  removeEventListener(type: 'message', listener: MessageListener): void;
  start?(): void;
}

/** One end of a MessageChannel, in a page or in Node. */
export function portTransport(port: PortLike): Transport {
  return {
    post: (message) => port.postMessage(message),
    listen(listener) {
      const onMessage = (event: object) => listener(dataOf(event));
      port.addEventListener('message', onMessage);
      port.start?.();
      return () => port.removeEventListener('message', onMessage);
    },
  };
}

interface SocketLike {
  send(message: string): void;
  addEventListener(type: 'message', listener: MessageListener): void;
  removeEventListener(type: 'message', listener: MessageListener): void;
}

/** A WebSocket that is open. */
export function socketTransport(socket: SocketLike): Transport {
  return {
    post: (message) => socket.send(message),
    listen(listener) {
      const onMessage = (event: object) => listener(dataOf(event));
      socket.addEventListener('message', onMessage);
      return () => socket.removeEventListener('message', onMessage);
    },
  };
}
