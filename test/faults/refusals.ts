import { mkdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { config, type Fault } from './fault.js';
import type { Stage } from './stage.js';

const OWN = 'the-right-password';
const OTHER = 'another-password';

const killConnections = (stage: Stage): Promise<unknown> =>
  stage.everywhere((operator) => operator.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'));

const mayNot = (commands: readonly string[], reads: Fault['reads']): Fault => ({
  name: `the user may not use ${commands.map((command) => command.toUpperCase()).join(' nor ')}`,
  inflict: async (stage) => {
    const rules = (sign: string): string[] => commands.map((command) => `${sign}${command}`);
    await stage.everywhere((operator) => operator.acl('SETUSER', 'default', ...rules('-')));
    return () => stage.everywhere((operator) => operator.acl('SETUSER', 'default', ...rules('+')));
  },
  reads,
  tells: ['permission'],
});

/** A server that answers, and says no. */
export const REFUSALS: readonly Fault[] = [
  {
    name: 'the password is wrong at start',
    stage: { server: { password: OWN }, secrets: [OTHER] },
    atStart: true,
    inflict: async (stage) => {
      await config(stage, 'requirepass', OTHER);
      return () => config(stage, 'requirepass', OWN);
    },
    reads: 'degraded',
    tells: ['authentication'],
  },
  {
    name: 'the password is changed while connections live',
    stage: { server: { password: OWN }, secrets: [OTHER] },
    inflict: async (stage) => {
      await config(stage, 'requirepass', OTHER);
      await killConnections(stage);
      return () => config(stage, 'requirepass', OWN);
    },
    reads: 'degraded',
    tells: ['authentication', 'unavailable'],
  },
  // What a replica is not asked for, the primary can still say that it has not.
  { ...mayNot(['mget', 'get'], 'degraded'), answers: true, but: { replicas: { reads: 'partly' } } },
  mayNot(['evalsha'], 'partly'),
  // Memory is trusted for the rest of the window; after that every read asks Redis.
  { ...mayNot(['xread'], 'unaffected'), lasts: 2_500 },
  mayNot(['xadd'], 'degraded'),
  {
    name: 'Redis is out of memory and evicts nothing',
    inflict: async (stage) => {
      await config(stage, 'maxmemory', 1);
      return () => config(stage, 'maxmemory', 0);
    },
    reads: 'partly',
    tells: ['out-of-memory'],
  },
  {
    name: 'Redis has become a replica',
    modes: ['standalone', 'tls', 'replicas'],
    inflict: async (stage) => {
      await stage.onPrimaries((operator) => operator.replicaof('127.0.0.1', '1'));
      return () => stage.onPrimaries((operator) => operator.replicaof('NO', 'ONE'));
    },
    reads: 'degraded',
    tells: ['read-only', 'unavailable'],
  },
  {
    name: 'Redis cannot save (MISCONF)',
    stage: { server: { args: ['--dbfilename', 'blocked'] } },
    // A file cannot take the place of a directory.
    prepare: ({ setting }) => Promise.all(setting.primaries.map(({ directory }) => mkdir(join(directory, 'blocked')))),
    inflict: async (stage) => {
      await config(stage, 'save', '3600 1');
      await stage.onPrimaries((operator) => operator.bgsave());
      return async () => {
        await Promise.all(stage.setting.primaries.map(({ directory }) => rmdir(join(directory, 'blocked'))));
        await config(stage, 'save', '');
      };
    },
    reads: 'degraded',
    tells: ['read-only'],
    // It refuses PING too, so a replica takes over.
    but: { sentinel: { reads: 'any' } },
  },
  {
    name: 'Redis has too many clients',
    inflict: async (stage) => {
      await config(stage, 'maxclients', 1);
      await killConnections(stage);
      return () => config(stage, 'maxclients', 1_000);
    },
    reads: 'degraded',
    tells: ['overloaded', 'unavailable'],
  },
];
