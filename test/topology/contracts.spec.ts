import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeCacheContract } from '../../src/testing/entry.js';
import { describeContexts } from '../cache/contracts/contexts.contract.js';
import { describeFailSafe } from '../cache/contracts/fail-safe.contract.js';
import { describeInvalidation } from '../cache/contracts/invalidation.contract.js';
import { describeLateTags } from '../cache/contracts/late-tags.contract.js';
import { describeLifetimes } from '../cache/contracts/lifetimes.contract.js';
import { describeLoads } from '../cache/contracts/loads.contract.js';
import { topology } from '../cache/contracts/topology.js';
import { describeValues } from '../cache/contracts/values.contract.js';
import type { RedisServer } from '../support/redis-server.js';
import { type Mode, MODES } from './modes.js';
import { describeOperator } from './operator.contract.js';

/** What the server refused to anybody, by its own notes. */
async function refusalsOf(server: RedisServer): Promise<unknown[]> {
  const admin = new Redis({ ...server.admin, host: '127.0.0.1', disableClientInfo: true });
  try {
    return (await admin.acl('LOG')) as unknown[];
  } finally {
    admin.disconnect();
  }
}

/** In the others it does the same over another way, or with half as much: npm run test:topology runs all. */
const USUAL = [
  'one server, by TLS with a certificate of ours',
  'a primary, read by its replicas, which are waited for',
].concat(['Sentinels', 'a Cluster, read by its replicas, which are waited for']);
const CHOSEN = process.env['CONTRACT_MODES'] === 'all' ? Object.keys(MODES) : USUAL;

describe.each(CHOSEN)('the cache on %s', (name) => {
  let mode: Mode;
  beforeAll(async () => {
    mode = await (MODES[name] as () => Promise<Mode>)();
  });
  afterAll(() => mode.stop());

  const here = topology(() => mode.redis);
  describeValues(here);
  describeLifetimes(here);
  describeLoads(here);
  describeContexts(here);
  describeLateTags(here);
  describeFailSafe(here);
  describeInvalidation(here);
  describeOperator(here);
  // That of the testing entry point: what users run on a Redis of theirs.
  describeCacheContract({ describe, it }, () => ({ prefix: 'test', redis: { ...mode.redis, retry: 'fast' } }));

  it('has sent nothing that the shipped user may not send', async () => {
    for (const server of mode.servers) expect(await refusalsOf(server)).toEqual([]);
  });
});
