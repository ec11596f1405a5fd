import { type IncomingMessage, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { INestApplication } from '@nestjs/common';
import type { StreamEvents } from '../../../src/dashboard/contract.js';
import { until } from '../../support/caches.js';

type Told = {
  readonly [E in keyof StreamEvents]: { readonly event: E; readonly data: StreamEvents[E] };
}[keyof StreamEvents];

/** A page that is open, as the server sees it: one stream of events. */
export class OpenPage {
  readonly told: Told[] = [];
  #rest = '';
  isEnded = false;

  private constructor(private readonly response: IncomingMessage) {
    response.setEncoding('utf8').on('data', (text: string) => this.#read(text));
    response.on('close', () => (this.isEnded = true)).on('error', () => undefined);
  }

  static open(app: INestApplication, path: string, headers: Record<string, string> = {}): Promise<OpenPage> {
    const port = portOf(app);
    return new Promise((resolve, reject) => {
      const asking = request({ host: '127.0.0.1', port, path, headers }, (response) => resolve(new OpenPage(response)));
      asking.on('error', reject).end();
    });
  }

  /** All that was told of one kind. */
  of<E extends keyof StreamEvents>(event: E): StreamEvents[E][] {
    return this.told.flatMap((each) => (each.event === event ? [each.data as StreamEvents[E]] : []));
  }

  /** The first of its kind that fits, once it has come. */
  async first<E extends keyof StreamEvents>(
    event: E,
    fits: (data: StreamEvents[E]) => boolean = () => true,
  ): Promise<StreamEvents[E]> {
    await until(() => this.of(event).some(fits), 5_000);
    return this.of(event).find(fits) as StreamEvents[E];
  }

  close(): void {
    this.response.destroy();
  }

  #read(text: string): void {
    const parts = (this.#rest + text).split('\n\n');
    this.#rest = parts.pop() as string;
    for (const part of parts) {
      const [, event, data] = /^event: (.+)\ndata: (.*)$/.exec(part) ?? [];
      if (event !== undefined) this.told.push({ event, data: JSON.parse(data as string) as unknown } as Told);
    }
  }
}

/** Where an application listens. */
export function portOf(app: INestApplication): number {
  return ((app.getHttpServer() as Server).address() as AddressInfo).port;
}
