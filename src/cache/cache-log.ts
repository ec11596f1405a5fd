import type { Logger } from '@nestjs/common';
import type { RetrySchedule } from '../primitives/backoff.js';
import type { RemoteFailure } from '../stores/contracts.js';
import { type AnyCacheEvent, DEFAULT_CACHE } from './cache-events.js';

const ADVICE: Readonly<Record<string, string>> = {
  unavailable: 'check that Redis runs and that its address is right',
  authentication: 'Redis refuses the user or password; check REDIS_PASSWORD or the credentials in REDIS_URL',
  certificate:
    'a certificate is refused, of Redis or ours; check REDIS_TLS_CA_FILE, REDIS_TLS_SERVER_NAME and how long the certificates last',
  timeout: 'Redis accepts connections but does not answer; check its load',
  overloaded: 'Redis has too many clients; check maxclients',
  'out-of-memory': 'Redis is at maxmemory and evicts nothing; check maxmemory and maxmemory-policy',
  'read-only': 'it is a replica, or cannot save; check where REDIS_URL leads',
  loading: 'it loads its data, or is busy with a script; wait',
};

type Misfit = Extract<AnyCacheEvent, { type: 'value.invalid' | 'migration.failed' }>;

const MAX_SAID = 100;

/** Only a person can mend these. */
const FOR_GOOD: ReadonlySet<string> = new Set<RemoteFailure>(['authentication', 'certificate']);

type CircuitChanged = Extract<AnyCacheEvent, { type: 'circuit.changed' }>;

const WITHOUT: Readonly<Record<CircuitChanged['circuit'], string>> = {
  read: 'values are loaded from the source',
  write: 'loaded values are not stored',
  invalidation: 'invalidations are queued',
};

/** Writes the events that an operator must know of, one line each; what repeats is said once. */
export class CacheLog {
  #lastFailure: string | undefined;
  #saidForEver = false;
  #wasReady = false;
  readonly #open = new Set<string>();
  readonly #said = new Set<string>();

  constructor(
    private readonly logger: Pick<Logger, 'log' | 'warn' | 'error'>,
    private readonly retry: RetrySchedule,
    /** Where Redis is, as it may be shown. */
    private readonly place: string,
  ) {}

  readonly listen = (event: AnyCacheEvent, cache = DEFAULT_CACHE): void => {
    const which = cache === DEFAULT_CACHE ? '' : ` of the cache ${cache}`;
    if (event.type === 'connection.ready') this.#ready(event.afterRetries);
    else if (event.type === 'connection.retrying') this.#retrying(event.failure, event.attempt, event.delay);
    else if (event.type === 'circuit.changed') this.#circuit(event);
    else if (event.type === 'primary.changed')
      this.logger.warn(
        'Redis has failed over or was restarted: what was invalidated in the last minute is invalidated again.',
      );
    else if (event.type === 'ledger.gap')
      this.logger.warn(
        `The ledger of invalidations${which} has a gap (${event.why}): memory was emptied, values are fetched anew.`,
      );
    else if (event.type === 'invalidations.lost')
      this.logger.error(
        `Stopped with ${event.count} invalidations${which} that Redis never got: entries they concern stay until their TTL.`,
      );
    else if (event.type === 'task.failed')
      this.logger.error(`Background task "${event.task}"${which} failed: ${textOf(event.error)}`);
    else this.#values(event, which);
  };

  /** What is wrong with values, and so with the application. */
  #values(event: AnyCacheEvent, which: string): void {
    if (event.type === 'value.invalid' || event.type === 'migration.failed') this.#misfit(event);
    else if (event.type === 'spot-check.ended') this.#spotCheck(event, which);
    else if (event.type === 'ttl.changed')
      this.logger.log(
        `The TTL of ${event.label}${which} is ${event.to / 1000} s now, and was ${event.from / 1000} s. ${event.reason}`,
      );
  }

  /** That a circuit probes is not said, and that it stays open once. */
  #circuit({ circuit, state, failure = 'unavailable', shard }: CircuitChanged): void {
    if (state === 'half-open') return;
    const name = `${circuit} ${shard ?? ''}`;
    const redis = shard === undefined ? 'Redis' : `Redis at ${shard}`;
    if (state === 'closed') {
      this.#open.delete(name);
      this.logger.log(`${redis} serves ${circuit} commands again.`);
    } else if (!this.#open.has(name)) {
      this.#open.add(name);
      this.logger.warn(
        `${redis} does not serve ${circuit} commands (${failure}): ${ADVICE[failure] ?? 'see the runbook'}. They are not sent any more, but for a probe from time to time; ${WITHOUT[circuit]}.`,
      );
    }
  }

  /** Once for each template and place; whoever loads or sets is told by an error. What was thrown may quote the value. */
  #misfit(event: Misfit): void {
    if (event.type === 'value.invalid' && event.origin !== 'entry') return;
    const path = 'path' in event && event.path !== '' ? ` at ${event.path}` : '';
    const what =
      event.type === 'value.invalid'
        ? `do not fit its schema${path} (${event.why})`
        : `of version ${event.fromVersion} cannot be migrated`;
    const text = `Entries of ${event.label} ${what}: they are loaded anew. Raise its version when the shape of its values changes.`;
    this.#once(text);
  }

  /** Once for each template. Which key it was the history tells. */
  #spotCheck({ label, outcome }: Extract<AnyCacheEvent, { type: 'spot-check.ended' }>, which: string): void {
    if (outcome === 'inconsistent')
      this.#once(
        `A value of ${label}${which} was served although its source had changed, and no invalidation has come: see InvalidationService.inconsistencies() and docs/spot-checks.md.`,
      );
  }

  #once(text: string): void {
    if (this.#said.has(text) || this.#said.size >= MAX_SAID) return;
    this.#said.add(text);
    this.logger.warn(text);
  }

  #ready(afterRetries: number): void {
    const again = this.#wasReady ? ' again' : '';
    const after = `after ${afterRetries} failed ${afterRetries === 1 ? 'attempt' : 'attempts'}`;
    this.logger.log(
      afterRetries === 0 ? 'Connected to Redis.' : `Connected to Redis${again} ${after}; the cache is used${again}.`,
    );
    this.#wasReady = true;
    this.#lastFailure = undefined;
    this.#saidForEver = false;
  }

  #retrying(failure: string, attempt: number, delay: number): void {
    const isNew = failure !== this.#lastFailure;
    this.#lastFailure = failure;
    const seconds = `${delay / 1000} s`;
    const advice = ADVICE[failure] ?? 'see the runbook';
    if (FOR_GOOD.has(failure)) {
      // Said at any attempt, and once.
      if (isNew)
        this.logger.error(
          `Redis at ${this.place} cannot be used (${failure}): ${advice}. Serving without it until then.`,
        );
    } else if (attempt <= this.retry.attempts) {
      this.logger.warn(
        `Redis at ${this.place} cannot be used (${failure}): ${advice}. Serving without it; retry ${attempt} of ${this.retry.attempts} in ${seconds}.`,
      );
    } else if (!this.#saidForEver) {
      this.#saidForEver = true;
      this.logger.error(
        `Redis at ${this.place} still cannot be used (${failure}): ${advice}. Serving without it; retrying every ${seconds} from now on.`,
      );
    }
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
