import { defineConfig } from 'vitest/config';
import { TallyReporter } from './support/tally-reporter.js';

export default defineConfig({
  test: {
    include: ['{src,test}/**/*.spec.ts'],
    // What tests the means of other tests, or waits for half a minute: npm run test:faults and test:topology have it.
    exclude: [
      ...['node_modules/**', 'dist/**'],
      ...['test/faults/{soak,verdict}.spec.ts', 'test/support/redis-{sentinel,cluster}.spec.ts'],
      'test/cache/planted-bug.spec.ts',
    ],
    typecheck: { enabled: true, include: ['{src,test}/**/*.test-d.ts'], tsconfig: './tsconfig.json' },
    globalSetup: [
      'test/support/redis-binary.setup.ts',
      'test/browser/support/chromium.setup.ts',
      'test/browser/support/page.setup.ts',
    ],
    setupFiles: ['reflect-metadata'],
    reporters: ['default', new TallyReporter()],
    pool: 'forks',
    retry: 0,
    allowOnly: false,
    passWithNoTests: false,
    dangerouslyIgnoreUnhandledErrors: false,
    restoreMocks: true,
    unstubEnvs: true,
    // Wide limits: they are for a loaded machine. A test that needs time moves a manual clock instead.
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
