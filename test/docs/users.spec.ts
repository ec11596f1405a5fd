import { expect, it } from 'vitest';
import { sentinelUsers, serverUsers, shippedUsers } from '../support/acl.js';
import { documentAt, fencesOf } from './documents.js';

const TOPOLOGIES = documentAt('docs/topologies.md');

/** The users as the page has them: passwords are left to the reader. */
function shown(kind: string): readonly string[] {
  return fencesOf(TOPOLOGIES).find(({ info }) => info === `text ${kind}`)?.lines ?? [];
}

function linesOf(users: string): string[] {
  return users
    .trim()
    .split('\n')
    .map((line) => line.replace(/#[0-9a-f]{64}/, '>PASSWORD'));
}

it('the users of replicas and Sentinels are those that the tests of every mode run with', () => {
  const peers = linesOf(serverUsers()).slice(linesOf(shippedUsers()).length);
  expect(peers).toHaveLength(2);
  expect(shown('server')).toEqual(peers);
});

it('the users of a Sentinel are those that the tests run with', () => {
  expect(shown('sentinel')).toEqual(linesOf(sentinelUsers()));
});
