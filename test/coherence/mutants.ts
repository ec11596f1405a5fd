import { type Implementations, IMPLEMENTATIONS } from '../../src/cache/implementations.js';
import { LedgerLease } from '../../src/engine/coherence-lease.js';
import { EntryWriter } from '../../src/engine/entry-writer.js';
import { Invalidator } from '../../src/engine/invalidator.js';
import { runLoader } from '../../src/engine/loader-run.js';
import { type LoadRequest, Loads } from '../../src/engine/loads.js';
import { LocalView, type OpenFence } from '../../src/engine/local-view.js';
import type { Found } from '../../src/engine/lookup.js';
import { SystemRandom } from '../../src/primitives/random.js';
import type { Fetched, FetchRequest, Filling, LedgerEnd, LedgerRecord, Stored } from '../../src/stores/contracts.js';
import { RedisLedger } from '../../src/stores/redis/redis-ledger.js';
import { RedisStore } from '../../src/stores/redis/redis-store.js';
import { pause } from './context.js';
import type { Fault } from './options.js';

/** One rule of the protocol taken away. */
export interface Mutant {
  readonly rule: string;
  /** Faults under which it shows. */
  readonly faults: readonly Fault[];
  readonly mode: 'strict' | 'default' | 'mixed';
  /** Changes per second, where the usual number would hide it. */
  readonly writes?: number;
  readonly rhythm?: 'steady' | 'bursts';
  readonly parts: Partial<Implementations>;
}

type StoreParts = ConstructorParameters<typeof RedisStore>;
type LedgerParts = ConstructorParameters<typeof RedisLedger>;

function store(mutate: (parts: StoreParts) => RedisStore): Partial<Implementations> {
  return { store: (...parts) => mutate(parts) };
}

function ledger(mutate: (parts: LedgerParts) => RedisLedger): Partial<Implementations> {
  return { ledger: (...parts) => mutate(parts) };
}

const fillWithoutToken = store((parts) => {
  const [{ commands }, { keyspace }] = parts;
  return new (class extends RedisStore {
    override fill(fillings: readonly Filling[]): Promise<boolean[]> {
      return Promise.all(
        fillings.map(async ({ key, bytes, keepFor }) =>
          commands
            .run('fill', keyspace.entry(key), (redis) => redis.set(keyspace.entry(key), bytes, 'PX', keepFor))
            .then(() => true),
        ),
      );
    }
  })(...parts);
});

const entryWithoutLease = store((parts) => {
  const [{ commands }, { keyspace }] = parts;
  return new (class extends RedisStore {
    override async remove(keys: readonly string[]): Promise<boolean[]> {
      return Promise.all(
        keys.map(
          async (key) =>
            (await commands.run('remove', keyspace.entry(key), (redis) => redis.unlink(keyspace.entry(key)))) > 0,
        ),
      );
    }
  })(...parts);
});

const missingIsUnchanged = store((parts) => {
  const seen = new Map<string, string>();
  return new (class extends RedisStore {
    override async fetch(request: FetchRequest): Promise<Fetched> {
      const fetched = await super.fetch(request);
      const generations = fetched.generations.map((token, i) => token ?? seen.get(request.tags[i] as string) ?? null);
      for (const [i, token] of generations.entries()) if (token !== null) seen.set(request.tags[i] as string, token);
      return { ...fetched, generations };
    }
  })(...parts);
});

const lateTagsUnseen = store(
  (parts) =>
    new (class extends RedisStore {
      override mintLate(generations: Parameters<RedisStore['mintLate']>[0]): Promise<string[]> {
        return this.mint(generations);
      }
    })(...parts),
);

const onePass = store(
  (parts) =>
    new (class extends RedisStore {
      override async *scan(what: Stored, pattern: string): AsyncIterable<readonly string[]> {
        if (what === 'entry') yield* super.scan(what, pattern);
      }
    })(...parts),
);

const wrongOrder = store(
  (parts) =>
    new (class extends RedisStore {
      override scan(what: Stored, pattern: string): AsyncIterable<readonly string[]> {
        return super.scan(what === 'entry' ? 'lease' : 'entry', pattern);
      }
      override drop(what: Stored, keys: readonly string[]): Promise<number> {
        return super.drop(what === 'entry' ? 'lease' : 'entry', keys);
      }
    })(...parts),
);

/** Tokens that come again, as those of a counter do once it is lost. */
class Counter extends SystemRandom {
  #count = 0;

  override token(): string {
    this.#count = (this.#count + 1) % 4;
    return `count-${this.#count}`;
  }
}

class StampsAfterLoad extends EntryWriter {
  constructor(private readonly own: ConstructorParameters<typeof EntryWriter>[0]) {
    super(own);
  }

  override async fill(filled: Parameters<EntryWriter['fill']>[0]): Promise<boolean> {
    const tags = filled.stamps.map(({ tag }) => tag);
    const { generations } = await this.own.remote.fetch({ keys: [], tags, leases: false });
    return super.fill({
      ...filled,
      stamps: filled.stamps.map(({ tag, token }, i) => ({ tag, token: generations[i] ?? token })),
    });
  }
}

class RefreshWithoutLease extends Loads {
  constructor(private readonly own: ConstructorParameters<typeof Loads>[0]) {
    super(own);
  }

  override async load(request: LoadRequest): Promise<Found | undefined> {
    if (!request.refresh) return super.load(request);
    const { raw: value, loadedAt } = await runLoader(this.own, request);
    const token = this.own.random.token();
    const { plan } = request;
    await this.own.remote.seize([plan.key.name], token, 1_000);
    const stamps = [...request.miss.generations].map(([{ tag }, known]) => ({ tag, token: known ?? '' }));
    const lifetime = this.own.writer.lifetime(plan, loadedAt);
    const lease = { key: plan.key.name, token, spent: false };
    await this.own.writer.fill({
      plan,
      lifetime,
      prepared: await this.own.writer.prepare(plan, value),
      open: request.flight.open,
      lease,
      stamps,
      replaces: false,
    });
    return undefined;
  }
}

class WithoutFence extends LocalView {
  override openFence(...given: Parameters<LocalView['openFence']>): OpenFence {
    const open = super.openFence(...given);
    Object.defineProperty(open.fence, 'intact', { get: () => true });
    return open;
  }
}

/** Takes the generation that a record tells for the one in force. Too rare for chance: `interleavings.spec.ts` catches it. */
export class RecordsBelieved extends LocalView {
  override apply(record: Parameters<LocalView['apply']>[0]): void {
    super.apply(record);
    for (const { tag, token } of record.tags)
      if (token !== undefined) this.generations.learn(this.generations.of(tag), token);
  }
}

class EternalLease extends LedgerLease {
  #joined = false;

  override holds(now: number): boolean {
    this.#joined ||= super.holds(now);
    return this.#joined;
  }
}

/** Believes that what was acknowledged stays. Chance hides it behind what is invalidated later: `test/topology/failover.spec.ts` catches it. */
export class NeverAgain extends Invalidator {
  override assertAgain(): Promise<void> {
    return Promise.resolve();
  }
}

class QueueDropped extends Invalidator {
  override get queued(): number {
    return 0;
  }

  override flushQueue(): Promise<void> {
    return Promise.resolve();
  }
}

/** A ledger that hides its losses: the count always agrees, and what was trimmed is not missed. */
const gapsUnnoticed = ledger(
  (parts) =>
    new (class extends RedisLedger {
      #seen: LedgerEnd = { id: '0-0', appended: 0 };

      override async end(): Promise<LedgerEnd | null> {
        const end = await super.end();
        // Never the true end: the reader believes that nothing is missing between it and what it reads.
        if (this.#seen.id === '0-0' && end) this.#seen = end;
        return this.#seen.id === '0-0' ? end : this.#seen;
      }

      override async read(id: string, wait: number): Promise<readonly LedgerRecord[]> {
        const records = await super.read(id, wait);
        this.#seen = { id: records.at(-1)?.id ?? this.#seen.id, appended: this.#seen.appended + records.length };
        return records;
      }
    })(...parts),
);

/** An invalidation that is acknowledged before others can know of it. */
const acknowledgedFirst = ledger(
  (parts) =>
    new (class extends RedisLedger {
      override append(text: string): Promise<string> {
        void pause(3_000).then(() => super.append(text).catch(() => undefined));
        return Promise.resolve('0-1');
      }
    })(...parts),
);

/** Every rule of the protocol that can be taken away alone, by name. */
export const MUTANTS: Readonly<Record<string, Mutant>> = {
  'fill-without-token': {
    rule: 'a fill compares its lease token',
    faults: [],
    mode: 'strict',
    parts: fillWithoutToken,
  },
  'entry-without-lease': {
    rule: 'invalidating a key deletes its lease too',
    faults: [],
    mode: 'strict',
    parts: entryWithoutLease,
  },
  'stamps-after-load': {
    rule: 'generations are read before the load',
    faults: [],
    mode: 'strict',
    parts: { writer: (parts) => new StampsAfterLoad(parts) },
  },
  'missing-is-unchanged': {
    rule: 'a missing generation means changed',
    faults: ['evict'],
    mode: 'strict',
    parts: missingIsUnchanged,
  },
  'counter-tokens': {
    rule: 'tokens are random, never counted',
    faults: ['evict'],
    mode: 'strict',
    parts: { random: () => new Counter() },
  },
  'refresh-without-lease': {
    rule: 'a refresh needs the lease it found',
    faults: [],
    mode: 'strict',
    parts: { loads: (parts) => new RefreshWithoutLease(parts) },
  },
  'late-tags-unseen': {
    rule: 'late tags are stamped only after a look at what was announced',
    faults: [],
    mode: 'strict',
    writes: 30,
    parts: lateTagsUnseen,
  },
  'one-pass': { rule: 'a pattern deletes leases, then entries', faults: [], mode: 'strict', parts: onePass },
  'wrong-order': { rule: 'leases first, entries second', faults: [], mode: 'strict', parts: wrongOrder },
  'no-fence': {
    rule: 'what raced with an invalidation is not kept in L1',
    faults: [],
    mode: 'default',
    writes: 3,
    parts: { view: (parts) => new WithoutFence(parts) },
  },
  'eternal-lease': {
    rule: 'L1 is trusted only under the coherence lease',
    faults: ['partition'],
    mode: 'default',
    parts: { lease: (window) => new EternalLease(window) },
  },
  'gaps-unnoticed': {
    rule: 'a gap in the ledger makes everything unknown',
    faults: ['trim-ledger'],
    mode: 'default',
    writes: 5,
    parts: gapsUnnoticed,
  },
  'queue-dropped': {
    rule: 'what Redis did not take is queued and sent first',
    faults: ['restart', 'freeze'],
    mode: 'mixed',
    parts: { invalidator: (parts) => new QueueDropped(parts) },
  },
  'acknowledged-first': {
    rule: 'the ledger is written before the acknowledgement',
    faults: [],
    mode: 'default',
    writes: 2,
    parts: acknowledgedFirst,
  },
};

/** The module's composition with one part swapped. */
export function implementationsOf(name: string | undefined): Implementations {
  if (name === undefined) return IMPLEMENTATIONS;
  const mutant = MUTANTS[name];
  if (!mutant) throw new Error(`--mutant must be one of ${Object.keys(MUTANTS).join(', ')}; received ${name}`);
  return { ...IMPLEMENTATIONS, ...mutant.parts };
}
