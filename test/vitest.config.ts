import { defineConfig } from 'vitest/config';
import { TallyReporter } from './support/tally-reporter.js';

/** What every run of tests has. */
export const RUN = {
  reporters: ['default', new TallyReporter()],
  allowOnly: false,
  passWithNoTests: false,
  dangerouslyIgnoreUnhandledErrors: false,
};

/** What every project of tests has. */
export const PROJECT = {
  exclude: ['node_modules/**', 'dist/**'],
  globalSetup: [
    'test/support/redis-binary.setup.ts',
    'test/browser/support/chromium.setup.ts',
    'test/browser/support/page.setup.ts',
  ],
  setupFiles: ['reflect-metadata'],
  pool: 'forks' as const,
  retry: 0,
  allowOnly: false,
  restoreMocks: true,
  unstubEnvs: true,
  // Wide limits: they are for a loaded machine. A test that needs time moves a manual clock instead.
  testTimeout: 20_000,
  hookTimeout: 60_000,
};

/** They have compilers and linters at work and measure no time: on all processors, before the others. */
const BUSY = [
  'test/{guards,docs,docker}/**/*.spec.ts',
  'test/support/tally-reporter.spec.ts',
  'test/cli/compiled.spec.ts',
];
// What tests the means of other tests, or waits for half a minute: npm run test:faults and test:topology have it.
const ELSEWHERE = [
  ...['test/faults/{soak,verdict}.spec.ts', 'test/support/redis-{sentinel,cluster}.spec.ts'],
  'test/cache/planted-bug.spec.ts',
];

export default defineConfig({
  test: {
    ...RUN,
    projects: [
      { test: { ...PROJECT, name: 'guards', include: BUSY, maxWorkers: '100%', sequence: { groupOrder: 0 } } },
      {
        test: {
          ...PROJECT,
          name: 'suite',
          include: ['{src,test}/**/*.spec.ts'],
          exclude: [...PROJECT.exclude, ...ELSEWHERE, ...BUSY],
          typecheck: { enabled: true, include: ['{src,test}/**/*.test-d.ts'], tsconfig: './tsconfig.json' },
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
