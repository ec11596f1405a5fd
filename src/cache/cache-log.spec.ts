import { describe, expect, it } from 'vitest';
import type { RemoteFailure } from '../stores/contracts.js';
import { CacheLog } from './cache-log.js';

interface Written {
  readonly lines: string[];
  readonly retry: (failure: RemoteFailure, attempt: number) => void;
  readonly ready: (afterRetries: number) => void;
  readonly log: CacheLog;
}

function written(): Written {
  const lines: string[] = [];
  const at = (level: string) => (line: string) => void lines.push(`${level} ${line}`);
  const log = new CacheLog(
    { log: at('log'), warn: at('warn'), error: at('error') },
    { attempts: 2, base: 2_000, cap: 4_000, jitter: 0 },
    'redis://cache:6379',
  );
  return {
    lines,
    log,
    retry: (failure, attempt) =>
      log.listen({ type: 'connection.retrying', failure, attempt, delay: Math.min(attempt, 2) * 2_000 }),
    ready: (afterRetries) => log.listen({ type: 'connection.ready', afterRetries }),
  };
}

describe('CacheLog', () => {
  it('tells each retry of the schedule, then once that it goes on for ever, then no more', () => {
    const { lines, retry } = written();

    for (const attempt of [1, 2, 3, 4, 5]) retry('unavailable', attempt);

    expect(lines).toEqual([
      'warn Redis at redis://cache:6379 cannot be used (unavailable): check that Redis runs and that its address is right. Serving without it; retry 1 of 2 in 2 s.',
      'warn Redis at redis://cache:6379 cannot be used (unavailable): check that Redis runs and that its address is right. Serving without it; retry 2 of 2 in 4 s.',
      'error Redis at redis://cache:6379 still cannot be used (unavailable): check that Redis runs and that its address is right. Serving without it; retrying every 4 s from now on.',
    ]);
  });

  it('tells a refused certificate once, and what to look at', () => {
    const { lines, retry } = written();

    for (const attempt of [1, 2, 3, 4, 5]) retry('certificate', attempt);

    expect(lines).toEqual([
      'error Redis at redis://cache:6379 cannot be used (certificate): a certificate is refused, of Redis or ours; check REDIS_TLS_CA_FILE, REDIS_TLS_SERVER_NAME and how long the certificates last. Serving without it until then.',
    ]);
  });

  it('tells a refused password once, however often it is tried', () => {
    const { lines, retry } = written();

    for (const attempt of [1, 2, 3, 4, 5]) retry('authentication', attempt);

    expect(lines).toEqual([
      'error Redis at redis://cache:6379 cannot be used (authentication): Redis refuses the user or password; check REDIS_PASSWORD or the credentials in REDIS_URL. Serving without it until then.',
    ]);
  });

  it('tells a refused password also when it comes after all other retries', () => {
    const { lines, retry } = written();
    for (const attempt of [1, 2, 3, 4]) retry('unavailable', attempt);

    retry('authentication', 5);

    expect(lines.at(-1)).toContain('error Redis at redis://cache:6379 cannot be used (authentication)');
  });

  it('tells that it is connected, and tells a second outage as the first', () => {
    const { lines, retry, ready } = written();
    ready(0);
    for (const attempt of [1, 2, 3]) retry('unavailable', attempt);
    ready(3);
    for (const attempt of [1, 2, 3]) retry('unavailable', attempt);

    expect(lines[0]).toBe('log Connected to Redis.');
    expect(lines[4]).toBe('log Connected to Redis again after 3 failed attempts; the cache is used again.');
    expect(lines.slice(5)).toEqual(lines.slice(1, 4));
  });

  it('does not tell a first connection as another one', () => {
    const { lines, retry, ready } = written();
    retry('unavailable', 1);
    ready(1);
    expect(lines.at(-1)).toBe('log Connected to Redis after 1 failed attempt; the cache is used.');
  });

  it('tells a gap in the ledger and a failed task, and nothing of daily work', () => {
    const { lines, log } = written();

    log.listen({ type: 'ledger.gap', why: 'trimmed' });
    log.listen({ type: 'task.failed', task: 'refresh', error: new TypeError('boom') });
    log.listen({ type: 'operation.ended', operation: 'get', label: 'other', outcome: 'miss', took: 1 });
    log.listen({ type: 'remote.failed', operation: 'fetch', failure: 'timeout' });

    expect(lines).toEqual([
      'warn The ledger of invalidations has a gap (trimmed): memory was emptied, values are fetched anew.',
      'error Background task "refresh" failed: TypeError: boom',
    ]);
  });

  it('tells which node of a Cluster does not serve, and that there was a failover', () => {
    const { lines, log } = written();
    const changed = { type: 'circuit.changed', circuit: 'read', failure: 'timeout' } as const;

    log.listen({ ...changed, state: 'open', shard: '10.0.0.1:7000' });
    log.listen({ ...changed, state: 'open', shard: '10.0.0.2:7000' });
    log.listen({ type: 'primary.changed' });

    expect(lines).toEqual([
      expect.stringMatching(/^warn Redis at 10\.0\.0\.1:7000 does not serve read commands \(timeout\)/),
      expect.stringMatching(/^warn Redis at 10\.0\.0\.2:7000 does not serve read commands/),
      'warn Redis has failed over or was restarted: what was invalidated in the last minute is invalidated again.',
    ]);
  });

  it('tells once that a circuit is open, what it means and what to do, and once that it is closed', () => {
    const { lines, log } = written();
    const changed = { type: 'circuit.changed', circuit: 'write' } as const;

    log.listen({ ...changed, state: 'open', failure: 'out-of-memory' });
    log.listen({ ...changed, state: 'half-open' });
    log.listen({ ...changed, state: 'open', failure: 'out-of-memory' });
    log.listen({ ...changed, state: 'closed' });

    expect(lines).toEqual([
      'warn Redis does not serve write commands (out-of-memory): Redis is at maxmemory and evicts nothing; check maxmemory and maxmemory-policy. They are not sent any more, but for a probe from time to time; loaded values are not stored.',
      'log Redis serves write commands again.',
    ]);
  });

  it('tells once of each place where entries do not fit their schema, and nothing of what a loader is told by an error', () => {
    const { lines, log } = written();
    const event = { type: 'value.invalid', label: 'user:{id}', why: 'issues' } as const;

    for (let i = 0; i < 3; i++) {
      log.listen({ ...event, origin: 'entry', path: 'name' });
      log.listen({ ...event, origin: 'loader', path: 'name' });
      log.listen({ ...event, origin: 'entry', path: '', why: 'threw', error: new Error('hunter2') });
      log.listen({ type: 'migration.failed', label: 'user:{id}', fromVersion: 1, error: new Error('hunter2') });
    }

    const then = 'they are loaded anew. Raise its version when the shape of its values changes.';
    expect(lines).toEqual([
      `warn Entries of user:{id} do not fit its schema at name (issues): ${then}`,
      `warn Entries of user:{id} do not fit its schema (threw): ${then}`,
      `warn Entries of user:{id} of version 1 cannot be migrated: ${then}`,
    ]);
  });

  it('tells once of each template of which a spot check has found a value that was not invalidated', () => {
    const { lines, log } = written();
    const event = { type: 'spot-check.ended', label: 'user:{id}' } as const;

    for (const outcome of ['consistent', 'gone', 'inconsistent', 'inconsistent'] as const) {
      log.listen({ ...event, outcome });
      log.listen({ ...event, outcome }, 'reports');
    }

    const then =
      'was served although its source had changed, and no invalidation has come: see InvalidationService.inconsistencies() and docs/spot-checks.md.';
    expect(lines).toEqual([
      `warn A value of user:{id} ${then}`,
      `warn A value of user:{id} of the cache reports ${then}`,
    ]);
  });

  it('tells each TTL that was moved, and why', () => {
    const { lines, log } = written();
    const reason = 'Values change every 10 min without an invalidation.';
    log.listen(
      { type: 'ttl.changed', label: 'user:{id}', declared: 60_000, from: 60_000, to: 54_000, reason },
      'reports',
    );
    expect(lines).toEqual([`log The TTL of user:{id} of the cache reports is 54 s now, and was 60 s. ${reason}`]);
  });

  it('stops telling of entries that do not fit, should each do so in another way', () => {
    const { lines, log } = written();
    const event = { type: 'value.invalid', label: 'user:{id}', origin: 'entry', why: 'issues' } as const;

    for (let i = 0; i < 1_000; i++) log.listen({ ...event, path: `p${i}` });

    expect(lines).toHaveLength(100);
  });
});
