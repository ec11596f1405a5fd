import {
  CacheError,
  CacheModule,
  DEFAULT_CACHE,
  defineKey,
  type KeyTemplate,
  type Milliseconds,
  RemoteStoreError,
} from '../index.js';
import type { Call, Terminal } from './command.js';
import { connectionFinding } from './doctor/advice.js';
import { type Connection, connect } from './redis/connect.js';
import { CommandError } from './redis/server.js';
import { type Configured, readSettings } from './redis/settings.js';
import { text, texts, UsageError } from './usage.js';

/** A cache to ask, as one more instance of it. */
export interface Session extends Connection {
  /** The Redis, without its password. */
  readonly target: string;
  /** What the names of the cache in Redis begin with. */
  readonly prefix: string;
  /** The prefix of the default cache, below which the others are. */
  readonly root: string;
  /** The name of the cache, `default` for that of the prefix itself. */
  readonly name: string;
  /** Text for people, and for programs. */
  readonly terminal: Terminal;
}

const FOLLOW_LIMIT: Milliseconds = 2_500;
const FOLLOW_PAUSE: Milliseconds = 10;

/** Connects as the application would, does the work, and closes. Why that cannot be goes to the other stream: 1. @throws UsageError */
export async function inSession(
  call: Call,
  terminal: Terminal,
  work: (session: Session) => Promise<0 | 1>,
): Promise<0 | 1> {
  const templates = texts(call, 'template').map(templateOf);
  const name = nameIn(call);
  const { configured, problems } = readSettings(call, terminal.variables);
  const refuse = (why: string): 1 => {
    terminal.err(`${why}\n`);
    return 1;
  };
  if (!configured) return refuse(['The variables cannot be used:', ...problems.map((each) => `- ${each}`)].join('\n'));
  const { place, options } = configured;
  if (!place) return refuse('No Redis: set REDIS_URL, REDIS_SENTINELS or REDIS_CLUSTER_NODES, or say --url.');
  const connection = await connect(
    { ...options, templates, instance: terminal.who, ...(name !== DEFAULT_CACHE && { cache: name }) },
    place,
    terminal.clock,
  );
  if ('why' in connection) {
    const { observed, remedy = '' } = connectionFinding(place, connection);
    return refuse(`Redis at ${place.shown} cannot be used (${observed}): ${remedy}.`);
  }
  try {
    await follow(connection, terminal);
    return await work({ ...connection, terminal, target: place.shown, name, ...namesIn(configured, name) });
  } catch (error) {
    if (error instanceof RemoteStoreError) return refuse(`${error.message}.`);
    if (error instanceof CommandError) return refuse(`Redis did not serve ${error.command} (${error.failure}).`);
    if (CacheError.is(error) && error.family === 'usage') throw new UsageError(`${error.message}.`);
    throw error;
  } finally {
    await connection.close();
  }
}

/** Every connection of an instance is there once it follows the ledger; a user that may not follow it is not kept for that. */
async function follow({ health }: Connection, { clock }: Terminal): Promise<void> {
  const end = clock.now() + FOLLOW_LIMIT;
  for (;;) {
    const { cache } = health.check('cache');
    if ((cache.coherent && cache.status === 'up') || clock.now() >= end) return;
    await new Promise<void>((resolve) => clock.after(FOLLOW_PAUSE, resolve));
  }
}

function templateOf(template: string): KeyTemplate {
  return understood(() => defineKey(template));
}

function nameIn(call: Call): string {
  const name = text(call, 'cache') ?? DEFAULT_CACHE;
  if (name !== DEFAULT_CACHE) understood(() => CacheModule.forFeature({ name }));
  return name;
}

/** What is made of what was said. @throws UsageError */
function understood<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (CacheError.is(error)) throw new UsageError(`${error.message}.`);
    throw error;
  }
}

function namesIn({ environment }: Configured, name: string): Pick<Session, 'root' | 'prefix'> {
  const root = environment.CACHE_PREFIX;
  return { root, prefix: name === DEFAULT_CACHE ? root : `${root}:@${name}` };
}
