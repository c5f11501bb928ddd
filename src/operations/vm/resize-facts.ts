import { z } from 'zod';
import { SavedFacts } from '../snapshot/before-change.ts';
import { VmFacts } from './common.ts';

const SizingFacts = z.object({
  vcpus: z.number(),
  maxVcpus: z.number(),
  memoryBytes: z.number(),
  maxMemoryBytes: z.number(),
});

/** All that a resize needs: the domain's sizes, and what its row said before. */
export const ResizeFacts = VmFacts.extend({
  how: z.enum(['live', 'off', 'restart']),
  from: SizingFacts,
  to: SizingFacts,
  /** Live: its balloon is set; vCPUs are plugged in. */
  balloons: z.boolean(),
  plugs: z.boolean(),
  /** The row's size, given back when it is rolled back. */
  before: z.object({ vcpus: z.number(), memoryBytes: z.number() }),
  /** The flavor's name afterwards; `custom` for a size by number. */
  flavor: z.string(),
  /** What it was called before, for undo. */
  wasFlavor: z.string().default('custom'),
  saved: SavedFacts,
});
export type ResizeFacts = z.infer<typeof ResizeFacts>;
