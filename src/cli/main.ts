#!/usr/bin/env node
import { hostname, userInfo } from 'node:os';
import { MACHINE_CLOCK } from './clock.js';
import { run } from './run.js';

const { stdout, stderr } = process;

// Whoever reads has heard enough, as `head` does.
for (const stream of [stdout, stderr])
  stream.on('error', (error: Error) => {
    if ('code' in error && error.code === 'EPIPE') process.exit();
    throw error;
  });

try {
  process.exitCode = await run(process.argv.slice(2), {
    variables: process.env,
    clock: MACHINE_CLOCK,
    isTerminal: stdout.isTTY,
    isErrTerminal: stderr.isTTY,
    who: `cli:${named(userName())}@${named(hostname())}`,
    out: (text) => stdout.write(text),
    err: (text) => stderr.write(text),
    onInterrupt: (listener) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, listener);
    },
  });
} catch (error) {
  stderr.write(`The command itself failed: ${String(error)}\n`);
  process.exitCode = 1;
}

/** A container may run as a user that has no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'unknown');
  }
}

/** As the ledger may hold it. */
function named(text: string): string {
  return text.replace(/[^a-zA-Z0-9_.-]/g, '-').slice(0, 40);
}
