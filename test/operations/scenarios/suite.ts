import { describe, expect, it } from 'vitest';
import { breakEachStep, crashAfterEachWrite, doAndUndoTwice } from '../../kit/saga-contract.ts';
import type { Scenarios } from './kit.ts';

/** The contract of every change: trouble at each step, each do and undo twice, a death after each write. */
export function sagaContract(all: Scenarios): void {
  for (const [name, scenarios] of Object.entries(all)) {
    describe(name, () => {
      for (const [told, scenario] of Object.entries(scenarios)) {
        it(`${told}: fails or loses its link at each step, and ends whole or undone`, {
          timeout: 240_000,
        }, async () => {
          await breakEachStep(name, scenario);
        });
        it(`${told}: bears each do twice and each undo twice`, { timeout: 60_000 }, async () => {
          await doAndUndoTwice(name, scenario);
        });
        it(`${told}: killed after each write, it goes on`, { timeout: 240_000 }, async () => {
          expect(await crashAfterEachWrite(name, scenario)).toBeGreaterThan(1);
        });
      }
    });
  }
}
