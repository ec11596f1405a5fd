import { defineConfig } from 'vitest/config';
import { PROJECT, RUN } from '../vitest.config.js';

/* The contracts in every mode of Redis, failovers, and the servers that tests start: npm run test:topology */
export default defineConfig({
  test: {
    ...RUN,
    ...PROJECT,
    include: ['test/topology/*.spec.ts', 'test/support/redis-*.spec.ts'],
    exclude: ['node_modules/**'],
    typecheck: { enabled: false },
    env: { CONTRACT_MODES: 'all' },
  },
});
