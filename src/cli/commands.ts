import type { Command, Option } from './command.js';

/** What every command that connects takes. */
const COMMON: Readonly<Record<string, Option>> = {
  url: { value: 'URL', help: 'the one server to speak to, instead of what the variables name' },
  'env-file': { value: 'FILE', help: 'variables to read, instead of .env; those of the process come first' },
  json: { help: 'the answer for programs' },
};

/** What every command takes that asks one cache. */
const ASKING: Readonly<Record<string, Option>> = {
  cache: { value: 'NAME', help: 'a named cache of the application, instead of the default one' },
  ...COMMON,
};

const TEMPLATE: Option = {
  value: 'TEMPLATE',
  multiple: true,
  help: 'a template of the application, such as user:{userId}:profile; may be said several times',
};
const SAMPLE: Option = { value: 'N', help: 'look at so many entries at most, and estimate the rest (20000)' };

/** What `invalidate` can be told to invalidate. Written out: who asks for help does not wait until the cache is loaded. */
export const SUBJECTS = ['metric', 'user', 'agent', 'workspace', 'tag', 'key', 'pattern', 'all'] as const;
/** What `top` can sort by. */
export const ORDERS = ['bytes', 'tags', 'load', 'template'] as const;
/** The shells that `completion` knows. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;

const STATS: Command = {
  name: 'stats',
  arguments: '',
  count: [0, 0],
  summary: 'entries by template, memory, ledger, instances',
  about: `Walks over the entries, 20000 of them at most, and estimates the rest. Keys that fit no --template are told by
their form, with * for ids and timeframes. The hit ratio is known to the application only: say --metrics-url.`,
  options: {
    template: TEMPLATE,
    sample: SAMPLE,
    'metrics-url': { value: 'URL', help: 'the endpoint that Prometheus scrapes, for the hit ratio' },
    ...ASKING,
  },
  examples: [
    'shadower-cache stats',
    "shadower-cache stats --template 'user:{userId}:profile' --metrics-url http://localhost:3000/api/v1/metrics",
  ],
};

const TOP: Command = {
  name: 'top',
  arguments: '',
  count: [0, 0],
  summary: 'the largest entries, those with the most tags, those slowest to load',
  about: `Walks over the entries, 20000 of them at most; what it did not look at may be larger. Which entries are read most
is known to the application only.`,
  options: {
    by: { value: 'WHAT', choices: ORDERS, help: 'bytes (default), tags, load, or template: how many entries each has' },
    limit: { value: 'N', help: 'how many rows (10)' },
    template: TEMPLATE,
    sample: SAMPLE,
    ...ASKING,
  },
  examples: ['shadower-cache top', 'shadower-cache top --by load --limit 20'],
};

const KEYS: Command = {
  name: 'keys',
  arguments: '[GLOB]',
  count: [0, 1],
  summary: 'keys with their state, age and size',
  about: `Pages through the keyspace with SCAN, below the prefix only, and stops at --limit. A glob has * and ?, and begins
with a literal segment.`,
  options: { limit: { value: 'N', help: 'how many keys at most (100)' }, template: TEMPLATE, ...ASKING },
  examples: [
    'shadower-cache keys',
    "shadower-cache keys 'user:123:*' --limit 1000",
    "shadower-cache keys 'agent:*' --json",
  ],
};

const EXPLAIN: Command = {
  name: 'explain',
  arguments: 'KEY',
  count: [1, 1],
  summary: 'why a key is, or is not, served',
  about: 'Its state and age, its tags with their generations, who loads it, and the last invalidation that touched it.',
  options: { template: TEMPLATE, ...ASKING },
  examples: ['shadower-cache explain user:123:profile'],
};

const INVALIDATE: Command = {
  name: 'invalidate',
  arguments: `${SUBJECTS.join('|')} [NAME…]`,
  count: [1, 1_000],
  choices: SUBJECTS,
  summary: 'invalidate by entity, tag, key, pattern, or everything',
  about: `Resolves when the invalidation is acknowledged: running instances do not serve what was loaded before, in strict
mode at once, else within the coherence window. The ledger keeps the cause, and who did it.`,
  options: {
    'dry-run': { help: 'count what would go, and invalidate nothing' },
    cause: { value: 'TEXT', help: 'why, for the history; at most 200 characters' },
    sweep: { help: 'then free the memory of what was invalidated by tag, instead of leaving it to its TTL' },
    yes: { help: 'needed with all' },
    template: TEMPLATE,
    ...ASKING,
  },
  examples: [
    'shadower-cache invalidate user 123 --dry-run',
    "shadower-cache invalidate user 123 --cause 'ticket 4711'",
    "shadower-cache invalidate pattern 'report:2026:*'",
    'shadower-cache invalidate all --yes --sweep',
  ],
};

const HISTORY: Command = {
  name: 'history',
  arguments: '',
  count: [0, 0],
  summary: 'what was invalidated: when, why, by whom',
  about: 'The newest records of the ledger first. It keeps about the last 10000, those of every set among them.',
  options: {
    since: { value: 'WHEN', help: 'no older than 30s, 5m, 2h, 7d, or an instant such as 2026-11-23T06:00:00Z' },
    limit: { value: 'N', help: 'how many at most (100)' },
    tag: { value: 'TAG', help: 'only those of this tag, or of everything' },
    key: { value: 'KEY', help: 'only those that touched this key' },
    template: TEMPLATE,
    ...ASKING,
  },
  examples: ['shadower-cache history --since 2h', 'shadower-cache history --tag user:123 --limit 5'],
};

const WATCH: Command = {
  name: 'watch',
  arguments: '',
  count: [0, 0],
  summary: 'invalidations as they happen, until Ctrl-C',
  about:
    'Asks the ledger four times a second, and goes on where it was when Redis was away. With --json there is one object on each line.',
  options: ASKING,
  examples: ['shadower-cache watch', 'shadower-cache watch --json | jq .cause'],
};

const ADVISE: Command = {
  name: 'advise',
  arguments: '',
  count: [0, 0],
  summary: 'which TTL fits each template, and why',
  about: `Tells what the instances have written of templates with advice: 'advise' or { auto: … }: how long their values stay
right, and so which TTL, grace and refresh-ahead fit. Instances write every 30 seconds, and what they know is kept for a week.`,
  options: ASKING,
  examples: ['shadower-cache advise', 'shadower-cache advise --json | jq .advice[].recommended.ttl'],
};

const WARM: Command = {
  name: 'warm',
  arguments: '[PLAN]',
  count: [0, 1],
  summary: 'warm-ups: when each was done last, and which is under way',
  about: `Tells of every plan that the instances have carried out in the last week, or are at. The loaders are in the
application, so nothing is loaded from here.`,
  options: ASKING,
  examples: ['shadower-cache warm', 'shadower-cache warm DashboardsWarmUp --json'],
};

const DOCTOR: Command = {
  name: 'doctor',
  arguments: '',
  count: [0, 0],
  summary: 'the production checklist',
  about: `Checks Redis, its configuration and the environment of this process against the production checklist. The variables
say which Redis: one server, the primary that Sentinels name, or every primary of a Cluster.`,
  options: {
    'metrics-url': {
      value: 'URL',
      help: 'the endpoint that Prometheus scrapes, instead of http://127.0.0.1:PORT/api/v1/metrics',
    },
    strict: { help: 'a warning fails, too' },
    ...COMMON,
  },
  examples: ['shadower-cache doctor', 'shadower-cache doctor --strict --json'],
};

const COMPLETION: Command = {
  name: 'completion',
  arguments: SHELLS.join('|'),
  count: [1, 1],
  choices: SHELLS,
  summary: 'a script that completes commands and options',
  about: 'Connects to nothing.',
  options: {},
  examples: [
    'eval "$(shadower-cache completion bash)"',
    'eval "$(shadower-cache completion zsh)"',
    'shadower-cache completion fish | source',
  ],
};

/** Every command, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  ...[STATS, TOP, KEYS, EXPLAIN, INVALIDATE, HISTORY, WATCH, ADVISE, WARM, DOCTOR, COMPLETION],
];
