import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { config, type Fault } from './fault.js';
import type { Stage } from './stage.js';

const OWN = 'the-right-password';
const OTHER = 'another-password';

const killConnections = ({ admin }: Stage): Promise<unknown> =>
  admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');

const mayNot = (command: string, reads: Fault['reads']): Fault => ({
  name: `the user may not use ${command.toUpperCase()}`,
  inflict: async ({ admin }) => {
    await admin.acl('SETUSER', 'default', `-${command}`);
    return () => admin.acl('SETUSER', 'default', `+${command}`);
  },
  reads,
  tells: ['permission'],
});

/** A server that answers, and says no. */
export const REFUSALS: readonly Fault[] = [
  {
    name: 'the password is wrong at start',
    stage: { server: { password: OTHER }, password: OWN },
    atStart: true,
    inflict: (stage) => Promise.resolve(() => config(stage, 'requirepass', OWN)),
    reads: 'degraded',
    tells: ['authentication'],
  },
  {
    name: 'the password is changed while connections live',
    stage: { server: { password: OWN } },
    inflict: async (stage) => {
      await config(stage, 'requirepass', OTHER);
      await killConnections(stage);
      return () => config(stage, 'requirepass', OWN);
    },
    reads: 'degraded',
    tells: ['authentication', 'unavailable'],
  },
  { ...mayNot('mget', 'degraded'), answers: true },
  mayNot('evalsha', 'partly'),
  // Memory is trusted for the rest of the window; after that every read asks Redis.
  { ...mayNot('xread', 'unaffected'), lasts: 2_500 },
  mayNot('xadd', 'degraded'),
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
    inflict: async ({ admin }) => {
      await admin.replicaof('127.0.0.1', '1');
      return () => admin.replicaof('NO', 'ONE');
    },
    reads: 'degraded',
    tells: ['read-only', 'unavailable'],
  },
  {
    name: 'Redis cannot save (MISCONF)',
    stage: { server: { args: ['--dbfilename', 'blocked'] } },
    prepare: ({ redis }) => {
      // A file cannot take the place of a directory.
      mkdirSync(join(redis.directory, 'blocked'));
      return Promise.resolve();
    },
    inflict: async (stage) => {
      await config(stage, 'save', '3600 1');
      await stage.admin.bgsave();
      return () => config(stage, 'save', '');
    },
    reads: 'degraded',
    tells: ['read-only'],
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
