import { randomInt } from 'node:crypto';
import { defineConfig } from 'vitest/config';
import { PROJECT, RUN } from '../vitest.config.js';
import { FiguresReporter } from './figures-reporter.js';

/* The attacks at full size, each time with another seed: npm run test:security */
const seed = process.env['SECURITY_SEED'] ?? String(randomInt(1_000_000_000));

export default defineConfig({
  test: {
    ...RUN,
    ...PROJECT,
    include: ['test/security/*.spec.ts'],
    typecheck: { enabled: false },
    env: { SECURITY_FULL: '1', SECURITY_SEED: seed },
    reporters: ['default', new FiguresReporter(seed)],
    disableConsoleIntercept: true,
  },
});
