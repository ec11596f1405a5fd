import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE, unpackPackagesOf } from '../support/debian-packages.js';

/** The servers that are tried, with the release of Debian that has them. */
const SERVERS = {
  'redis-7.0': { release: 'bookworm', program: 'redis-server' },
  'redis-8': { release: 'trixie', program: 'redis-server' },
  'valkey-8': { release: 'trixie', program: 'valkey-server' },
} as const;

export type ServerName = keyof typeof SERVERS;

/** The path of a server program for `TEST_REDIS_SERVER`: `node_modules/.cache/servers/redis-8/redis-server`. It is fetched once. */
export function serverPath(name: ServerName): string {
  const { release, program } = SERVERS[name];
  const folder = join(CACHE, 'servers', name);
  const starter = join(folder, program);
  if (existsSync(starter)) return starter;
  mkdirSync(folder, { recursive: true });
  const root = join(folder, 'root');
  if (!existsSync(root)) unpackPackagesOf(release, root, [program]);
  writeFileSync(starter, starterOf(program, libraryFolders(root)), { mode: 0o755 });
  return starter;
}

interface Libraries {
  /** The program that loads the others with their libraries. */
  readonly loader: string;
  readonly folders: readonly string[];
}

/** Where a release keeps its libraries, from its root; older ones have them in two places. */
function libraryFolders(root: string): Libraries {
  const folders = ['lib', 'usr/lib']
    .filter((parent) => existsSync(join(root, parent)))
    .flatMap((parent) => readdirSync(join(root, parent)).map((name) => `${parent}/${name}`))
    .filter((folder) => folder.endsWith('-linux-gnu'));
  const files = folders.flatMap((folder) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`));
  const loader = files.find((file) => /\/ld-linux[^/]*\.so\.\d+$/.test(file));
  if (loader === undefined) throw new Error(`There is no loader of programs in ${root}`);
  return { loader, folders };
}

/** Starts a program with the libraries of its own release: those of this system may be too old. Signals reach it, as it is not a child. */
function starterOf(program: string, { loader, folders }: Libraries): string {
  const path = folders.map((folder) => `$root/${folder}`).join(':');
  return `#!/bin/sh
root=$(dirname "$(readlink -f "$0")")/root
exec "$root/${loader}" --library-path "${path}" "$root/usr/bin/${program}" "$@"
`;
}
