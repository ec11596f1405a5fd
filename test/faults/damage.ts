import type { Cluster, Redis } from 'ioredis';
import { KEYS } from '../coherence/source.js';
import { type Fault, repeatedly } from './fault.js';

async function makeList(admin: Redis | Cluster, name: string): Promise<void> {
  await admin.multi().del(name).rpush(name, 'not ours').exec();
}

const wrongType = (what: string, names: readonly string[], reads: Fault['reads'], tells: Fault['tells']): Fault => ({
  name: `there is a list under the name of ${what}`,
  inflict: async ({ admin }) => {
    const stop = await repeatedly(20, () => Promise.all(names.map((name) => makeList(admin, name))));
    return async () => {
      await stop();
      await Promise.all(names.map((name) => admin.del(name)));
    };
  },
  reads,
  tells,
});

const spoiling = (what: string, why: string, spoil: (bytes: Buffer, other: Buffer) => Buffer): Fault => ({
  name: `entries are ${what}`,
  inflict: ({ admin }) =>
    repeatedly(10, async () => {
      const names = KEYS.map((key) => `shadower:e:{${key}}`);
      const entries = await Promise.all(names.map((name) => admin.getBuffer(name)));
      const present = names.flatMap((name, i) => (entries[i] ? [{ name, bytes: entries[i] }] : []));
      await Promise.all(
        present.map(({ name, bytes }, i) => {
          const other = present.at(i - 1)?.bytes ?? bytes;
          return admin.set(name, spoil(bytes, other), 'KEEPTTL');
        }),
      );
    }),
  reads: 'unaffected',
  tells: [],
  rejects: [why],
});

/** Data under our names that is not ours, or not what it was. */
export const DAMAGE: readonly Fault[] = [
  {
    name: 'scripts are flushed, again and again',
    inflict: (stage) => repeatedly(200, () => stage.everywhere((operator) => operator.script('FLUSH'))),
    reads: 'unaffected',
    tells: [],
  },
  // Nothing of ours is there: that is a miss, and the next load takes the place.
  wrongType('entries', KEYS.map((key) => `shadower:e:{${key}}`).slice(0, 12), 'unaffected', []),
  wrongType('generations', ['shadower:g:{user:1}', 'shadower:g:{user:2}'], 'partly', ['protocol']),
  wrongType('leases', KEYS.map((key) => `shadower:l:{${key}}`).slice(0, 12), 'any', 'any'),
  wrongType('the ledger', ['shadower:ledger'], 'degraded', ['protocol']),
  spoiling('corrupt', 'corrupt', (bytes) => {
    const copy = Buffer.from(bytes);
    copy[copy.length - 3] = (copy[copy.length - 3] as number) ^ 1;
    return copy;
  }),
  spoiling('truncated', 'corrupt', (bytes) => bytes.subarray(0, bytes.length - 4)),
  spoiling('of a foreign version', 'unknown-format', (bytes) => Buffer.concat([Buffer.from([32]), bytes.subarray(1)])),
  spoiling('those of other keys', 'foreign-key', (_, other) => other),
];
