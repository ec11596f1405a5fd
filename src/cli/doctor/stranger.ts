import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { DEVELOPMENT_PASSWORD } from '../../index.js';
import type { Endpoint } from '../redis/address.js';

/** How somebody who knows no password of ours is received. */
export type Welcome = 'let in' | 'let in by the published password' | 'refused';

const LIMIT_MS = 2_000;

/** Knocks without a password, then with the published one; `undefined` when nobody answers. Leaves at most one line in `ACL LOG`. */
export async function welcomeOf(endpoint: Endpoint): Promise<Welcome | undefined> {
  const socket = open(endpoint);
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

/** A stranger does not care whose certificate it is, has none, and says nothing that is secret. */
function open({ at, tls }: Endpoint): Socket {
  const socket = tls ? connectTls({ ...at, rejectUnauthorized: false }) : connectPlain(at);
  // A TLS handshake that is broken off has several errors, of which the first is listened to below.
  socket.on('error', () => undefined);
  return socket;
}

/** The first words of the answer; empty when there is none. A certificate that is missed counts as an answer. */
function ask(socket: Socket, line: string): Promise<string> {
  return new Promise((resolve) => {
    const end = (): void => resolve('');
    socket.setTimeout(LIMIT_MS, end);
    socket.once('error', (error) => resolve(MISSED.test(codeOf(error)) ? '-REFUSED' : ''));
    socket.once('close', end);
    socket.once('data', (bytes: Buffer) => resolve(bytes.toString('latin1')));
    socket.write(`${line}\r\n`);
  });
}

const MISSED = /^ERR_SSL_.*(CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE)$/;

function codeOf(error: Error): string {
  return 'code' in error ? String(error.code) : '';
}
