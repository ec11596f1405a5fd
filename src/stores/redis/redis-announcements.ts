import { type AnnouncementsEnd, RemoteStoreError } from '../contracts.js';
import type { RedisConnection } from './redis-connection.js';

/** How many announcements are kept, about. A load during which more are made cannot tell which, and is not stored if it gets late tags. */
const LENGTH = 10_000;
const FIELD = 't';
const SEPARATOR = ' ';

/** The connections that announcements use. */
export interface AnnouncementConnections {
  readonly commands: RedisConnection;
  /** For what is announced, as for the changes that follow. */
  readonly invalidations: RedisConnection;
}

/**
 * Which tags are about to change, as a Redis Stream: written before their generations change, so that a load which learns
 * of a tag only after it has begun can tell whether that was invalidated meanwhile. A stream that is gone, or has not the
 * record any more at which a load began, tells nothing, and is taken for "anything may have been announced".
 */
export class RedisAnnouncements {
  constructor(
    private readonly connections: AnnouncementConnections,
    private readonly name: string,
  ) {}

  /**
   * Announces; `token` makes the record unlike any other. False where the server is out of memory: then the announcements
   * are deleted instead, and whoever changed generations in the same breath must change them once more.
   */
  async add(token: string, tags: readonly string[]): Promise<boolean> {
    const { invalidations } = this.connections;
    try {
      await this.#append(invalidations, [token, ...tags].join(SEPARATOR));
      return true;
    } catch (error) {
      if (!(error instanceof RemoteStoreError) || error.failure !== 'out-of-memory') throw error;
      await invalidations.run('change', this.name, (redis) => redis.unlink(this.name));
      return false;
    }
  }

  /** The last announcement; `token` is written as the first of all where there is none. */
  async end(token: string): Promise<AnnouncementsEnd> {
    const { commands } = this.connections;
    const [last] = await commands.run('announcements', this.name, (redis) =>
      redis.xrevrange(this.name, '+', '-', 'COUNT', 1),
    );
    if (last) return toAnnouncement(last);
    return { id: await this.#append(commands, token), text: token };
  }

  /** The tags announced after `since`; `undefined` when `since` itself is gone, and so perhaps others after it. */
  async since(since: AnnouncementsEnd): Promise<ReadonlySet<string> | undefined> {
    const records = await this.connections.commands.run('announcements', this.name, (redis) =>
      redis.xrevrange(this.name, '+', since.id, 'COUNT', LENGTH),
    );
    const announced = records.map(toAnnouncement);
    const first = announced.pop();
    if (first?.id !== since.id || first.text !== since.text) return undefined;
    return new Set(announced.flatMap(({ text }) => text.split(SEPARATOR).slice(1)));
  }

  async #append(connection: RedisConnection, text: string): Promise<string> {
    const id = await connection.run('announce', this.name, (redis) =>
      redis.xadd(this.name, 'MAXLEN', '~', LENGTH, '*', FIELD, text),
    );
    return id ?? '';
  }
}

function toAnnouncement([id, fields]: readonly [string, readonly string[]]): AnnouncementsEnd {
  return { id, text: fields[1] ?? '' };
}
