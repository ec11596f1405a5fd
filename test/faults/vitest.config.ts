import { defineConfig } from 'vitest/config';
import { PROJECT, RUN } from '../vitest.config.js';

/* Every fault in every mode of Redis: npm run test:faults, or FAULT_MODES=cluster,sentinel npm run test:faults */
const modes = process.env['FAULT_MODES'] ?? 'standalone,tls,replicas,sentinel,cluster';

export default defineConfig({
  test: {
    ...RUN,
    ...PROJECT,
    include: ['test/faults/*.spec.ts', 'test/cache/planted-bug.spec.ts'],
    exclude: ['node_modules/**'],
    typecheck: { enabled: false },
    env: { FAULT_MODES: modes },
  },
});
