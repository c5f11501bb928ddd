import { defineConfig } from 'vitest/config';

/** Set by `npm run test:lab`: then the tests on real hypervisors run, and only they. */
const lab = process.env.HOSTLER_LAB === '1';

/** Trouble made on purpose wants a host of its own and the better part of an hour: HOSTLER_LAB_ALERTS=1 npm run test:lab -- test/lab/alerts */
const alerts = process.env.HOSTLER_LAB_ALERTS === '1';

/** The second pass, on another version of Node, leaves out what takes long. An `--exclude` of the command line would not reach into projects. */
const LONG = process.env.HOSTLER_TESTS === 'fast' ? ['test/{browser,e2e,faults}/**'] : [];

/** A bot, a browser, a fault or a link of ours may leave processes or threads of ssh2 behind: a process for each such file ends them surely. */
const ALONE = ['test/{browser,e2e,faults}/**/*.test.ts', 'test/infra/ssh/**/*.test.ts'];

export default defineConfig({
  test: {
    // Tests wait for conditions, so these end only what hangs. A lab host is emulated, some twenty times slower than a real one.
    testTimeout: lab ? 600_000 : 30_000,
    hookTimeout: lab ? 600_000 : 60_000,
    pool: 'forks',
    // Browser and bot tests wait more than they work, so three keep two cores busy; the lab’s hosts are shared by all of its tests.
    maxWorkers: 3,
    fileParallelism: !lab,
    ...(lab
      ? { include: ['test/lab/**/*.lab.test.ts'], exclude: alerts ? [] : ['test/lab/alerts.lab.test.ts'] }
      : {
          projects: [
            // The first by name begins: the longest files are among them, and what is short fills the end.
            {
              extends: true as const,
              test: {
                name: 'inside',
                include: ['test/**/*.test.ts'],
                exclude: ['test/lab/**', ...ALONE],
                // To load the catalog takes longer than most files do, so a process goes on with the next one.
                isolate: false,
                // Worlds come and go by the thousand.
                execArgv: ['--max-semi-space-size=64'],
              },
            },
            { extends: true as const, test: { name: 'outside', include: ALONE, exclude: LONG } },
          ],
        }),
  },
});
