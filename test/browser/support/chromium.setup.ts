import { findChromium, installChromiumOnDebian } from './chromium.js';

/** Runs once before all tests. Where it cannot be had, the tests that need it say how to get one. */
export default function ensureChromium(): void {
  if (findChromium() !== undefined) return;
  try {
    installChromiumOnDebian();
  } catch (error) {
    process.stderr.write(`Installing chromium failed: ${String(error)}\n`);
  }
}
