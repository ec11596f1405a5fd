import type { Clock } from '../../primitives/clock.js';
import type { Milliseconds } from '../../primitives/units.js';
import type { RedisConnection } from './redis-connection.js';

/** A replica that failed is left alone for so long: each read of it would wait for a deadline. */
const REST: Milliseconds = 1_000;

/** Reads from replicas in turn; what they say may be behind the primary, or missing. */
export class ReplicaReader {
  readonly #restUntil = new Map<RedisConnection, Milliseconds>();
  #turn = 0;

  constructor(
    private readonly replicas: readonly RedisConnection[],
    private readonly clock: Clock,
  ) {}

  /** Whether any can be asked now. */
  get isReady(): boolean {
    return this.replicas.some((replica) => this.#isUsable(replica));
  }

  open(): void {
    for (const replica of this.replicas) replica.open();
  }

  close(): void {
    for (const replica of this.replicas) replica.close();
  }

  /** What a replica has under these names; nothing when it fails. Never rejects. One round trip. */
  async read(names: readonly string[]): Promise<(Buffer | null)[]> {
    const replica = this.#next();
    if (!replica) return names.map(() => null);
    try {
      const found = await Promise.all(
        // Not GET: something of another type under such a name would be an error, as if the replica had failed.
        names.map((name) => replica.run('fetch', name, (redis) => redis.mgetBuffer([name]))),
      );
      return found.map(([value]) => value ?? null);
    } catch {
      this.#restUntil.set(replica, this.clock.now() + REST);
      return names.map(() => null);
    }
  }

  #next(): RedisConnection | undefined {
    const usable = this.replicas.filter((replica) => this.#isUsable(replica));
    return usable[this.#turn++ % usable.length];
  }

  #isUsable(replica: RedisConnection): boolean {
    return replica.isReady && (this.#restUntil.get(replica) ?? 0) <= this.clock.now();
  }
}
