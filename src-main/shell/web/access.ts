import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/**
 * Who may talk to the web shell. The address that opens it carries a token that works once and is
 * exchanged for a cookie, whose name is of this run alone: other servers on 127.0.0.1 see the cookies
 * of all ports. Every request must name this very host (against DNS rebinding), and whatever changes
 * something must come from this very origin.
 */
export class WebAccess {
  readonly token = randomBytes(32).toString('base64url');
  readonly #cookieName = `lavi-${randomBytes(8).toString('hex')}`;
  readonly #cookie = randomBytes(32).toString('base64url');
  #tokenUsed = false;

  constructor(readonly host: string) {}

  get origin(): string {
    return `http://${this.host}`;
  }

  /** The address that opens the app, once. */
  get address(): string {
    return `${this.origin}/?token=${this.token}`;
  }

  isOurHost({ headers }: IncomingMessage): boolean {
    return headers.host === this.host;
  }

  /** Browsers send it with every WebSocket and every POST. */
  isOurOrigin({ headers }: IncomingMessage): boolean {
    return headers.origin === this.origin;
  }

  /** Asked for by a page of ours, not by another site's picture or form. */
  isSameSite({ headers }: IncomingMessage): boolean {
    return headers['sec-fetch-site'] === 'same-origin';
  }

  hasCookie({ headers }: IncomingMessage): boolean {
    return (headers.cookie ?? '').split(';').some((pair) => {
      const [name, value = ''] = pair.trim().split('=');
      return name === this.#cookieName && equal(value, this.#cookie);
    });
  }

  /** Exchanges the token for the cookie's header; undefined for a wrong token or a used one. */
  exchange(token: string): string | undefined {
    if (this.#tokenUsed || !equal(token, this.token)) return undefined;
    this.#tokenUsed = true;
    return `${this.#cookieName}=${this.#cookie}; HttpOnly; SameSite=Strict; Path=/`;
  }
}

function equal(a: string, b: string): boolean {
  const [x, y] = [Buffer.from(a), Buffer.from(b)];
  return x.length === y.length && timingSafeEqual(x, y);
}
