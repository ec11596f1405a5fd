import { ask } from './ask.js';
import type { RedisServer } from './redis-server.js';

/**
 * Ends a primary whose replicas hear nothing of it while `work` is done: what it acknowledged then is lost. They are given
 * a wrong password, as a replica that is only disconnected is back at once, and one that is frozen finds all in its socket.
 */
export async function killBehind(
  primary: RedisServer,
  replicas: readonly RedisServer[],
  work: () => Promise<unknown>,
): Promise<void> {
  const live = replicas.filter(({ isUp }) => isUp);
  for (const replica of live) {
    await ask(replica, 'CONFIG', 'SET', 'masterauth', 'wrong');
    await ask(replica, 'CLIENT', 'KILL', 'TYPE', 'master');
  }
  await work();
  await primary.kill();
  for (const replica of live) await ask(replica, 'CONFIG', 'SET', 'masterauth', '');
}
