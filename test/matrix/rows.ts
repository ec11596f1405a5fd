import type { ServerName } from './servers.js';

/** What one run of the suites runs on. What a row does not name is as in the default row. */
export interface Row {
  readonly name: string;
  readonly server?: ServerName;
  /** A line of Node, e.g. `22`. */
  readonly node?: string;
  /** Ranges of packages. */
  readonly packages?: Readonly<Record<string, string>>;
  /** Further tests to run. */
  readonly also?: readonly string[];
}

// Terminus stays: 12 serves Nest 11 too, and before it a health check that is degraded was left out of the report.
const NEST_11 = {
  ...nest('^11.0.0', ['cli', 'common', 'core', 'microservices', 'platform-express']),
  ...nest('^11.0.0', ['platform-fastify', 'swagger', 'testing']),
  ...nest('^13.0.0', ['apollo', 'graphql']),
  '@nestjs/cache-manager': '^3.0.0',
  '@nestjs/config': '^4.0.0',
  '@nestjs/event-emitter': '^3.0.0',
};
// What of the backend goes through these packages, and needs no data from outside of the project.
const BACKEND = ['test/app/endpoints', 'test/app/invalidation', 'test/app/requests'];

/** The default, which is what `npm test` runs on, and then one thing at a time changed. */
export const ROWS: readonly Row[] = [
  { name: 'default' },
  { name: 'redis-7.0', server: 'redis-7.0' },
  { name: 'redis-8', server: 'redis-8' },
  { name: 'valkey-8', server: 'valkey-8' },
  { name: 'node-20', node: '20' },
  { name: 'node-22', node: '22' },
  { name: 'node-24', node: '24' },
  { name: 'ioredis-5', packages: { ioredis: '^5.11.0' } },
  { name: 'nest-11', packages: NEST_11, also: BACKEND },
];

/** The rows with these names, in the order of the table; all without a name. */
export function rowsNamed(names: readonly string[]): readonly Row[] {
  const known = ROWS.map(({ name }) => name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`--row must be one of ${known.join(', ')}; received ${unknown.join(', ')}`);
  return names.length === 0 ? ROWS : ROWS.filter(({ name }) => names.includes(name));
}

function nest(range: string, names: string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [`@nestjs/${name}`, range]));
}
