import { RedisServer } from '../../test/support/redis-server.js';

/** Does something with a server of its own. */
export async function onServer<T>(work: (server: RedisServer) => Promise<T>): Promise<T> {
  const server = await RedisServer.start();
  try {
    return await work(server);
  } finally {
    await server.stop();
  }
}
