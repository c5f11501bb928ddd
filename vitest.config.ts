import { defineConfig } from 'vitest/config';

/** Set by `npm run test:lab`: then the tests on real hypervisors run, and only they. */
const lab = process.env.HOSTLER_LAB === '1';

/** Trouble made on purpose wants a host of its own and the better part of an hour: HOSTLER_LAB_ALERTS=1 npm run test:lab -- test/lab/alerts */
const alerts = process.env.HOSTLER_LAB_ALERTS === '1';

export default defineConfig({
  test: {
    include: lab ? ['test/lab/**/*.lab.test.ts'] : ['test/**/*.test.ts'],
    exclude: !lab ? ['test/lab/**'] : alerts ? [] : ['test/lab/alerts.lab.test.ts'],
    // Tests wait for conditions, so these end only what hangs. A lab host is emulated, some twenty times slower than a real one.
    testTimeout: lab ? 600_000 : 30_000,
    hookTimeout: lab ? 600_000 : 60_000,
    // A test of our own server or of a fault may leave threads of better-sqlite3 and ssh2 behind: a process each ends them surely.
    pool: 'forks',
    // Two at a time do well on two cores and more; the lab's hosts are shared by all of its tests.
    maxWorkers: 2,
    fileParallelism: !lab,
  },
});
