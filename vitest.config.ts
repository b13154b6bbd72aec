import { defineConfig } from 'vitest/config';

/** What a database has to do is the same on both engines, and so are the tests: these run on SQLite and again on PostgreSQL. */
const CONFORMANCE = [
  'src/engine/**/*.test.ts',
  'src/automations/{races,release,resync,webhook-care}/**/{store-reports,reconcile,operations}.test.ts',
  'test/conformance/**/*.test.ts',
  'test/crash/{version-check,release-run}.test.ts',
];
/** What there is on PostgreSQL only. */
const POSTGRES = ['src/storage/postgres/*.test.ts', 'test/postgres/*.test.ts'];

export default defineConfig({
  test: {
    // They tell what hangs from what only waits for a busy machine.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
    // Two cores; real servers and child processes wait for each other a third of the time.
    maxWorkers: 3,
    globalSetup: 'test/support/program.ts',
    projects: [
      {
        extends: true,
        test: { name: 'sqlite', include: ['src/**/*.test.ts', 'test/**/*.test.ts'], exclude: POSTGRES },
      },
      {
        extends: true,
        test: {
          name: 'postgres',
          include: [...CONFORMANCE, ...POSTGRES],
          env: { SIGNALBOX_TEST_DATABASE: 'postgres' },
          globalSetup: ['test/support/program.ts', 'test/support/conformance.ts'],
        },
      },
    ],
  },
});
