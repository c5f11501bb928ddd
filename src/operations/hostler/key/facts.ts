import { z } from 'zod';
import { NOTHING } from '../../../domain/plan.ts';
import type { Draft, PlanContext } from '../../spec.ts';

/** What a change of one's keys keeps. Keys are rows alone: no host is touched. */
export const KeyFacts = z.object({ person: z.string(), name: z.string(), key: z.string(), id: z.string() });
export type KeyFacts = z.infer<typeof KeyFacts>;

export function keyDraft(facts: KeyFacts, verb: 'Add' | 'Remove', context: PlanContext): Draft<KeyFacts> {
  return {
    facts,
    title: `${verb} ${facts.person}’s ssh key ${facts.name}`,
    verb,
    team: context.team,
    subject: `key:${facts.person}/${facts.name}`,
    host: '',
    vmId: null,
    risk: 'safe',
    locks: [`keys:${facts.person}`],
    adds: NOTHING,
    notes: ['It counts for VMs made from now on; those that exist keep the keys that they were made with.'],
  };
}
