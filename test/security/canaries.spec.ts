import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { context, trace } from '@opentelemetry/api';
import { NodeTracerProvider, type ReadableSpan } from '@opentelemetry/sdk-trace-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RedisUnavailableError } from '../../src/index.js';
import { RedisServer } from '../support/redis-server.js';
import { ALLOWED } from './allowed.js';
import { canary, Watch } from './canary.js';
import { CanaryApplication } from './canary-application.js';
import { APPLICATION_PORTS, FAULTS, runUnder, SECRETS } from './canary-run.js';
import { Score } from './score.js';
import { IS_FULL, PATIENCE_MS } from './size.js';

/* Every fault in a full run; one in nine, so some of each table, every day. */
const PLAYED = FAULTS.filter((_, i) => IS_FULL || i % 9 === 1);

/** What all runs share: the streams of the process, the channel that anybody may listen to, and traces. */
const common = new Watch(ALLOWED, SECRETS);
const onChannel = (event: unknown): void => common.see('channel', event);
/** The client's own channel, to which tools that trace Redis listen: what was sent is told before and after. */
const onCommand = (told: unknown): void => {
  const { command, args, serverPort } = told as { command: string; args: readonly string[]; serverPort: number };
  if (APPLICATION_PORTS.has(serverPort)) common.see('channel of the client', `${command} ${args.join(' ')}`);
};
const onMishap = (error: unknown): void => common.see('mishap', error);
const { stdout, stderr } = process;
const writers = [stdout, stderr].map((stream) => ({ stream, write: stream.write.bind(stream) }));
const PRINTING = ['log', 'info', 'warn', 'error', 'debug'] as const;
const { ...printing } = console;
const provider = new NodeTracerProvider({
  spanProcessors: [
    {
      onStart: () => undefined,
      onEnd: ({ name, attributes, events, status }: ReadableSpan) =>
        common.see('span', { name, attributes, events, status }),
      forceFlush: () => Promise.resolve(),
      shutdown: () => Promise.resolve(),
    },
  ],
});

beforeAll(() => {
  for (const { stream, write } of writers)
    stream.write = (chunk: string | Uint8Array, ...rest: never[]) => {
      common.see('stream', Buffer.from(chunk as string).toString());
      return write(chunk, ...rest);
    };
  for (const name of PRINTING) console[name] = (...said: unknown[]) => common.see('console', said);
  subscribe('shadower:cache', onChannel);
  subscribe('tracing:ioredis:command:start', onCommand);
  process.on('warning', onMishap);
  provider.register();
});

afterAll(async () => {
  for (const { stream, write } of writers) stream.write = write;
  Object.assign(console, printing);
  unsubscribe('shadower:cache', onChannel);
  unsubscribe('tracing:ioredis:command:start', onCommand);
  process.off('warning', onMishap);
  trace.disable();
  context.disable();
  await provider.shutdown();
});

/** Events that tell of a fault; some faults do no harm and are told by none. */
const TELLING = ['remote.failed', 'connection.retrying', 'entry.rejected', 'ledger.gap'];

const used = new Set<string>();
const runs = new Score('canaries under the faults of the fault kit');

describe.concurrent('no password, value, tenant or key is shown when', { timeout: PATIENCE_MS }, () => {
  it.for(PLAYED)('$name', async (fault) => {
    const { leaks, watch, events } = await runUnder(fault, FAULTS.indexOf(fault), common);

    runs.count('faults');
    runs.count('faults that events told of', TELLING.some((type) => events.has(type)) ? 1 : 0);
    for (const [place, length] of watch.seen) runs.count(`characters of ${place} looked at`, length);
    for (const { reason } of watch.used) used.add(reason);
    for (const { place, secret, text } of leaks) runs.violation(`${fault.name}: ${place} shows a ${secret}: ${text}`);
    expect(leaks.slice(0, 5)).toEqual([]);
    for (const place of ['error', 'health', 'metrics', 'event', 'answer'])
      expect(watch.seen.get(place), place).toBeGreaterThan(0);
    expect(events.get('operation.ended')).toBeGreaterThan(50);
    expect([...events.keys()]).toContain('usage.refused');
  });
});

describe('afterwards', () => {
  it('nothing was shown by logs, traces, channels, the console or the streams of the process either', ({ task }) => {
    for (const [place, length] of common.seen) runs.count(`characters of ${place} looked at`, length);
    for (const { place, secret } of common.leaks) runs.violation(`${place} shows a ${secret}`);
    for (const { reason } of common.used) used.add(reason);
    task.meta.figures = [runs.figures];

    expect(common.leaks.slice(0, 5)).toEqual([]);
    expect(runs.of('faults that events told of')).toBeGreaterThan(PLAYED.length / 2);
    // What the hooks of the process would see.
    console.error('');
    process.stderr.write('');
    expect([...common.seen.keys()]).toEqual(expect.arrayContaining(['console', 'stream']));
    for (const place of ['log', 'channel', 'channel of the client', 'span'])
      expect(common.seen.get(place), place).toBeGreaterThan(0);
  });

  it('every place where something may be shown has shown it, so none is listed in vain', () => {
    expect([...used].sort()).toEqual(ALLOWED.map(({ reason }) => reason).sort());
  });
});

describe('an application that refuses to start without Redis', () => {
  it('tells neither the password that Redis refuses nor the address it is in', async () => {
    const redis = await RedisServer.start({ password: 'another' });
    const watch = new Watch([]);
    const address = `127.0.0.1:${redis.port}/0`;
    const password = `${canary('password', 0)}/@:?#`;
    const retry = { attempts: 1, baseMs: 10 };
    const targets = [
      { url: `redis://:${encodeURIComponent(password)}@${address}` },
      { url: `redis://${address}`, password },
    ];
    for (const target of targets) {
      const starting = CanaryApplication.start({
        run: 0,
        watch,
        cache: { redis: { ...target, failFast: true, retry } },
      });
      const error = await starting.catch((failure: unknown) => failure);
      expect(error).toBeInstanceOf(RedisUnavailableError);
      watch.see('error', error);
    }
    await redis.stop();

    expect(watch.leaks).toEqual([]);
    expect(watch.seen.get('error')).toBeGreaterThan(100);
  });
});

describe('the watch finds', () => {
  const secret = canary('value', 1);
  const shown: Readonly<Record<string, unknown>> = {
    'a text': `the value is ${secret}`,
    'a message': new Error(secret),
    'a cause of a cause': new Error('a', { cause: new Error('b', { cause: new Error(secret) }) }),
    'an error among several': new AggregateError([new Error(secret)], 'several'),
    'a field': Object.assign(new Error('a'), { command: { args: ['SET', 'k', secret] } }),
    'a field that is not enumerable': Object.defineProperty(new Error('a'), 'hidden', { value: secret }),
    'a property behind a getter': {
      get value() {
        return secret;
      },
    },
    'the key of a map': new Map([[secret, 1]]),
    'a symbol': { [Symbol(secret)]: 1 },
    'JSON only': { toJSON: () => secret },
    'a Buffer as util.inspect shows it': { bytes: Buffer.from(secret) },
    'a Buffer as JSON shows it': JSON.stringify(Buffer.from(secret)),
    hexadecimal: Buffer.from(secret).toString('hex'),
    base64: Buffer.from(secret).toString('base64'),
    'base64 of more': Buffer.from(`:${secret}`).toString('base64'),
    'base64 of still more': Buffer.from(`u:${secret}`).toString('base64'),
  };

  it.each(Object.entries(shown))('%s', (_, what) => {
    const watch = new Watch(ALLOWED);
    watch.see('log', what);
    expect(watch.leaks).not.toEqual([]);
  });

  it('a value where only a key may be shown', () => {
    const watch = new Watch(ALLOWED);
    watch.see('error', `INVALID_KEY ${canary('key', 1)}`);
    expect(watch.leaks).toEqual([]);
    watch.see('error', `INVALID_KEY ${secret}`);
    expect(watch.leaks).toHaveLength(1);
  });

  it('what an application shows that prints the errors of the Redis client', async () => {
    const redis = await RedisServer.start();
    const watch = new Watch(ALLOWED);
    const application = await CanaryApplication.start({
      run: 1,
      watch,
      cache: { redis: { url: redis.url, failFast: true } },
    });
    expect(watch.leaks).toEqual([]);
    await application.printClientError();
    await application.stop();
    await redis.stop();

    expect(watch.leaks).toContainEqual(expect.objectContaining({ place: 'log', secret: 'value' }));
  });
});
