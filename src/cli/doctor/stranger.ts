import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { DEVELOPMENT_PASSWORD } from '../../index.js';
import type { Address } from './address.js';

/** How somebody who knows no password of ours is received. */
export type Welcome = 'let in' | 'let in by the published password' | 'refused';

const LIMIT_MS = 2_000;

/** Knocks without a password, then with the published one; `undefined` when nobody answers. Leaves at most one line in `ACL LOG`. */
export async function welcomeOf(address: Address): Promise<Welcome | undefined> {
  const socket = open(address);
  try {
    const first = await ask(socket, 'PING');
    if (first.startsWith('+PONG')) return 'let in';
    // DENIED: protected mode, which closes the connection.
    if (!first.startsWith('-NOAUTH')) return first.startsWith('-') ? 'refused' : undefined;
    return (await ask(socket, `AUTH ${DEVELOPMENT_PASSWORD}`)).startsWith('+OK')
      ? 'let in by the published password'
      : 'refused';
  } finally {
    socket.destroy();
  }
}

function open({ host, port, tls }: Address): Socket {
  return tls ? connectTls({ host, port }) : connectPlain({ host, port });
}

/** The first words of the answer; empty when there is none. */
function ask(socket: Socket, line: string): Promise<string> {
  return new Promise((resolve) => {
    const end = (): void => resolve('');
    socket.setTimeout(LIMIT_MS, end);
    socket.once('error', end);
    socket.once('close', end);
    socket.once('data', (bytes: Buffer) => resolve(bytes.toString('latin1')));
    socket.write(`${line}\r\n`);
  });
}
