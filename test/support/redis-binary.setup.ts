import { HOW_TO_INSTALL, findRedisBinary, installRedisOnDebian } from './redis-binary.js';

/** Runs once before all tests: no test may be skipped because the server is missing. */
export default function ensureRedisServer(): void {
  if (findRedisBinary()) return;
  try {
    installRedisOnDebian();
  } catch (error) {
    process.stderr.write(`Installing redis-server failed: ${String(error)}\n`);
  }
  if (findRedisBinary()) return;
  process.stderr.write(`\n${HOW_TO_INSTALL}\n`);
  process.exit(1);
}
