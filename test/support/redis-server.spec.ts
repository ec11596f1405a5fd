import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { RedisServer, type RedisServerOptions } from './redis-server.js';

const run = promisify(execFile);
const servers: RedisServer[] = [];

async function start(options?: RedisServerOptions): Promise<RedisServer> {
  const server = await RedisServer.start(options);
  servers.push(server);
  return server;
}

/** One command on a connection of its own. */
async function ask(server: RedisServer, command: string, ...args: string[]): Promise<unknown> {
  const client = new Redis(server.url, { retryStrategy: () => null, commandTimeout: 500, disableClientInfo: true });
  client.on('error', () => undefined);
  try {
    return await client.call(command, ...args);
  } finally {
    client.disconnect();
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

const HOLD_A_SERVER = `
  import { runnerImport } from 'vite';
  const { module } = await runnerImport('./test/support/redis-server.ts');
  const { port, directory } = await module.RedisServer.start();
  console.log(JSON.stringify({ port, directory }));
`;

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

describe('RedisServer', () => {
  it('starts a server of its own that answers on 127.0.0.1, never on 6379', async () => {
    const server = await start();

    expect(await ask(server, 'PING')).toBe('PONG');
    expect(await ask(server, 'INFO', 'server')).toContain(`process_id:${String(server.pid)}\r\n`);
    expect(server.url).toBe(`redis://127.0.0.1:${String(server.port)}/0`);
    expect(server.port).not.toBe(6379);
  });

  it('passes the password and further arguments on', async () => {
    const server = await start({ password: 'p@ss/word', args: ['--maxmemory', '7mb'] });

    expect(await ask(server, 'CONFIG', 'GET', 'maxmemory')).toEqual(['maxmemory', '7340032']);
    await expect(run('redis-cli', ['-e', '-p', String(server.port), 'PING'])).rejects.toThrow('NOAUTH');
  });

  it('listens on a socket file too', async () => {
    const server = await start({ unixSocket: true });
    const { stdout } = await run('redis-cli', ['-s', server.socketPath, 'PING']);

    expect(stdout).toBe('PONG\n');
    expect(await ask(server, 'PING')).toBe('PONG');
  });

  it('gives each server its own port and directory', async () => {
    const [one, other] = await Promise.all([start(), start()]);

    expect(one.port).not.toBe(other.port);
    expect(one.directory).not.toBe(other.directory);
  });

  it('removes process and directory on stop, and stops twice without complaint', async () => {
    const server = await start();
    const { pid } = server;

    await server.stop();
    await server.stop();

    expect(isAlive(pid)).toBe(false);
    expect(existsSync(server.directory)).toBe(false);
    expect(() => server.pid).toThrow('not running');
  });

  it('does not answer while frozen and goes on when resumed', async () => {
    const server = await start();
    await ask(server, 'SET', 'kept', '1');

    server.freeze();
    await expect(ask(server, 'GET', 'kept')).rejects.toThrow();
    server.resume();

    expect(await ask(server, 'GET', 'kept')).toBe('1');
  });

  it('stops a frozen server too', async () => {
    const server = await start();
    const { pid } = server;

    server.freeze();
    await server.stop();

    expect(isAlive(pid)).toBe(false);
  });

  it('comes back on the same port after a kill, empty', async () => {
    const server = await start();
    const { pid, url } = server;
    await ask(server, 'SET', 'lost', '1');

    await server.kill();
    await server.restart();

    expect(server.pid).not.toBe(pid);
    expect(server.url).toBe(url);
    expect(await ask(server, 'GET', 'lost')).toBeNull();
  });

  it('says which program could not be started', async () => {
    await expect(RedisServer.start({ binary: '/etc' })).rejects.toThrow('EACCES');
    vi.stubEnv('TEST_REDIS_SERVER', '/etc');
    await expect(RedisServer.start()).rejects.toThrow('EACCES');
  });

  it('says what the server printed when it does not start', async () => {
    await expect(RedisServer.start({ args: ['--no-such-setting', '1'] })).rejects.toThrow('no-such-setting');
  });

  it('refuses to come back on a port that somebody else has taken meanwhile', async () => {
    const server = await start();
    await server.kill();
    const squatter = createServer().listen(server.port, '127.0.0.1');
    await once(squatter, 'listening');

    await expect(server.restart()).rejects.toThrow('Address already in use');
    squatter.close();
  });
});

describe('when the test process is killed', () => {
  it('ends the server and removes its directory', async () => {
    const holder = spawn(process.execPath, ['--input-type=module', '--eval', HOLD_A_SERVER], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(holder.stdout, 'data')) as [Buffer];
    const { port, directory } = JSON.parse(line.toString()) as RedisServer;
    expect(await isListening(port)).toBe(true);

    holder.kill('SIGKILL');

    await vi.waitFor(async () => {
      expect({ listening: await isListening(port), directory: existsSync(directory) }).toEqual({
        listening: false,
        directory: false,
      });
    }, 10_000);
  });
});
