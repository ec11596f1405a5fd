import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TREE } from '../guards/sandbox.js';

/** What replicas and Sentinels send to a server, by the documentation of Redis. */
const PEERS = {
  replica: '-@all +psync +replconf +ping',
  sentinel:
    'allchannels -@all +multi +slaveof +ping +exec +subscribe +config|rewrite +role +publish +info +client|setname +client|kill +script|kill',
};

/** What is asked of a Sentinel: by a client, by its peers, by a test. It refuses to start on names that only servers know. */
const SENTINEL_USERS = {
  app: 'allchannels -@all +auth +hello +ping +client|setname +subscribe +sentinel|get-master-addr-by-name +sentinel|sentinels +sentinel|replicas +sentinel|slaves',
  sentinel:
    'allchannels -@all +auth +hello +ping +info +publish +subscribe +client|setname +sentinel|is-master-down-by-addr',
  operator: 'allchannels +@all',
};

/** The password of a user of these tests, with characters that a URL has to escape. */
export function passwordOf(user: string): string {
  return `${user}/p@ss+word%`;
}

/** The users of docker/redis/users.acl, filled in as docker/redis/start.sh does it. */
export function shippedUsers(prefix = 'shadower', password: (user: string) => string = passwordOf): string {
  return readFileSync(join(TREE, 'docker/redis/users.acl'), 'utf8')
    .replaceAll(/^(#.*)?\n/gm, '')
    .replaceAll('{prefix}', prefix)
    .replaceAll(/#\{(\w+)\}/g, (_, user: string) => hashed(password(user)));
}

/** The shipped users, and those as whom replicas and Sentinels come. */
export function serverUsers(prefix?: string): string {
  return shippedUsers(prefix) + lines(PEERS);
}

/** The users of a Sentinel itself. */
export function sentinelUsers(): string {
  return `user default off resetpass resetkeys resetchannels -@all\n${lines(SENTINEL_USERS)}`;
}

function lines(users: Readonly<Record<string, string>>): string {
  return Object.entries(users)
    .map(([user, rules]) => `user ${user} on ${hashed(passwordOf(user))} ${rules}\n`)
    .join('');
}

function hashed(password: string): string {
  return `#${createHash('sha256').update(password).digest('hex')}`;
}
