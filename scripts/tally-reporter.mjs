// Counts tests for scripts/test.mjs, and prints what was skipped with the reason that stands in the test's `skipped` meta
// (test/kit/needs.ts) or in its skip note. A file that can't be loaded, or an error outside of any test, counts as failed.
import { writeFileSync } from 'node:fs';

const reasonOf = (test) => test.meta().skipped ?? test.result().note ?? 'no reason given';

export default class TallyReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state) => tests.filter((test) => test.result().state === state).length;
    const broken = modules.flatMap((module) => [module, ...module.children.allSuites()]);
    const failedOutsideOfTests = broken.filter((one) => one.errors().length > 0).length + unhandledErrors.length;
    // A test that never came to its turn (a hook failed, the run was broken off) has not passed.
    const failed = count('failed') + count('pending') + failedOutsideOfTests;
    const skipped = tests.filter((test) => test.result().state === 'skipped');
    const byReason = new Map();
    for (const test of skipped) byReason.set(reasonOf(test), [...(byReason.get(reasonOf(test)) ?? []), test]);
    for (const [reason, some] of byReason) {
      console.log(`skipped, ${reason}:`);
      for (const test of some) console.log(`  ${test.module.relativeModuleId} > ${test.fullName}`);
    }
    const flaky = tests.filter((test) => test.diagnostic()?.flaky);
    if (flaky.length > 0) console.log('passed only on a second try, each of them a fault to be mended:');
    for (const test of flaky) console.log(`  ${test.module.relativeModuleId} > ${test.fullName}`);
    const tally = { passed: count('passed'), failed, skipped: skipped.length };
    if (process.env.HOSTLER_TALLY) writeFileSync(process.env.HOSTLER_TALLY, JSON.stringify(tally));
  }
}
