#!/usr/bin/env node
import 'reflect-metadata';
import { MACHINE_CLOCK } from './clock.js';
import { run } from './run.js';

const { stdout, stderr } = process;

try {
  process.exitCode = await run(process.argv.slice(2), {
    variables: process.env,
    clock: MACHINE_CLOCK,
    isTerminal: stdout.isTTY,
    out: (text) => stdout.write(text),
    err: (text) => stderr.write(text),
  });
} catch (error) {
  stderr.write(`The doctor itself failed: ${String(error)}\n`);
  process.exitCode = 1;
}
