import type { ServerResponse } from 'node:http';
import type { StreamEvents } from '../contract.js';

/** Bytes. */
const MOST_UNREAD = 1_048_576;

/** One page that is open. What it does not read is not kept for it: when it reads again, it begins anew. */
export class Client {
  #isSlow = false;

  /**
   * @param visitor whom its changes would be by
   * @param begin is called when it has to be told everything, and @param ended once when it is gone
   */
  constructor(
    private readonly response: ServerResponse,
    readonly visitor: string,
    begin: (client: Client) => void,
    ended: (client: Client) => void,
  ) {
    response.on('drain', () => {
      if (!this.#isSlow) return;
      this.#isSlow = false;
      begin(this);
    });
    response.once('close', () => ended(this));
    response.on('error', () => undefined);
  }

  /** Tells an event. */
  tell<E extends keyof StreamEvents>(event: E, data: StreamEvents[E]): void {
    this.tellText(messageOf(event, data));
  }

  /** The same of one that is told to several. */
  tellText(message: string): void {
    const { response } = this;
    if (this.#isSlow || response.writableEnded) return;
    response.write(message);
    this.#isSlow = response.writableLength > MOST_UNREAD;
  }

  end(): void {
    this.response.end();
  }
}

/** An event as it goes over the wire. JSON has no line break of its own. */
export function messageOf<E extends keyof StreamEvents>(event: E, data: StreamEvents[E]): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
