import { Redis } from 'ioredis';
import { seed } from '../../support.js';
import { expecting, startOursOn } from '../contenders.js';
import type { Bench, Contender, Outcome, Pace, Verdict } from '../contest.js';
import { startOurs } from '../product.js';
import { compete } from '../race.js';
import { onServer } from '../server.js';

/** How much there is. */
interface Amount {
  readonly entries: number;
  readonly tags: number;
}

const FEW: Amount = { entries: 20_000, tags: 1_000 };
const MANY: Amount = { entries: 1_000_000, tags: 1_000 };
const QUICK_MANY: Amount = { entries: 100_000, tags: 1_000 };
const ONE_TAG: Amount = { entries: 20_000, tags: 1 };
const MANY_TAGS: Amount = { entries: 20_000, tags: 10_000 };
/** As many of them are read in turns, so that it is the tables that differ and not how much the processor has at hand. */
const READ = 1_000;

/** What a read costs where there are many entries or many tags, beside few. */
export const scale: Bench = {
  name: 'scale',
  async run(pace) {
    const many = pace.isQuick ? QUICK_MANY : MANY;
    const title = `20,000 entries to ${many.entries.toLocaleString('en-US')}`;
    const outcomes = [
      await inMemory(`L1 hit, ${title}`, [FEW, many], pace),
      await inMemory('L1 hit, 1 tag to 10,000', [ONE_TAG, MANY_TAGS], pace),
      await inRedis(`L2 hit, ${title}`, [FEW, many], pace),
      await inRedis('L2 hit, 1 tag to 10,000', [ONE_TAG, MANY_TAGS], pace),
    ];
    return { outcomes, verdicts: outcomes.map(verdictOf) };
  },
};

function keyOf(i: number, { entries, tags }: Amount): string {
  const entry = (i % READ) * Math.floor(entries / READ);
  return `agent:${entry % tags}:report:${entry}`;
}

async function inMemory(title: string, amounts: readonly [Amount, Amount], pace: Pace): Promise<Outcome> {
  const [base, other] = await Promise.all(amounts.map(filledMemory));
  return compete({ title, callers: 1, operations: READ, base: base as Contender, others: [other as Contender] }, pace);
}

async function filledMemory(amount: Amount): Promise<Contender> {
  const { entries, tags } = amount;
  const { cache, close } = await startOurs({ memory: { maxEntries: entries, maxBytes: 2_000_000_000 } });
  for (let i = 0; i < entries; i += 1) await cache.getOrLoad(`agent:${i % tags}:report:${i}`, () => i);
  const work = async (): Promise<void> => {
    for (let i = 0; i < READ; i += 1) await cache.getOrLoad(keyOf(i, amount), missed);
  };
  return { title: titleOf(amount), work, close };
}

async function inRedis(title: string, [few, many]: readonly [Amount, Amount], pace: Pace): Promise<Outcome> {
  return onServer(({ url }) =>
    onServer(async (other) => {
      const [base, others] = [await filledRedis(url, few), [await filledRedis(other.url, many)]];
      return compete({ title, callers: 64, base, others }, pace);
    }),
  );
}

async function filledRedis(url: string, amount: Amount): Promise<Contender> {
  const redis = new Redis(url, { disableClientInfo: true });
  const { cache, close } = await startOursOn(url, { memory: { maxEntries: 0 } });
  await seed(redis, entriesOf(amount));
  redis.disconnect();
  return expecting(titleOf(amount), (turn) => cache.getOrLoad(keyOf(turn, amount), missed), close);
}

function* entriesOf({ entries, tags }: Amount): Generator<{ key: string; tags: string[] }> {
  for (let i = 0; i < entries; i += 1) yield { key: `agent:${i % tags}:report:${i}`, tags: [`agent:${i % tags}`] };
}

function missed(): never {
  throw new Error('a load where a hit was set up');
}

function titleOf({ entries, tags }: Amount): string {
  return `${entries.toLocaleString('en-US')} entries, ${tags.toLocaleString('en-US')} ${tags === 1 ? 'tag' : 'tags'}`;
}

/** What a read costs is the inverse of the rate. */
function verdictOf({ title, standings }: Outcome): Verdict {
  const { min, median, max } = standings[1]?.ratio ?? { min: NaN, median: NaN, max: NaN };
  const spread = `${(1 / max).toFixed(2)} to ${(1 / min).toFixed(2)}`;
  return { what: `${title}: cost per read`, relation: '<=', target: 1.5, figure: 1 / median, spread };
}
