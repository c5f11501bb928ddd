import { z } from 'zod';
import { DOMAIN_STATES } from '../../domain/inventory.ts';
import { VmFacts } from './common.ts';

/** What was found of a domain, and is written into its VM's row. */
export const AdoptFacts = VmFacts.extend({
  domainName: z.string(),
  state: z.enum(DOMAIN_STATES),
  /** There is a running domain beside the definition. */
  on: z.boolean(),
  vcpus: z.number(),
  memoryBytes: z.number(),
  flavor: z.string(),
  network: z.string(),
  mac: z.string(),
  autostart: z.boolean(),
  disks: z.array(
    z.object({
      target: z.string(),
      vg: z.string(),
      volume: z.string(),
      sizeBytes: z.number(),
      kind: z.enum(['thin', 'thick']),
    }),
  ),
  adoptedBy: z.string(),
});
export type AdoptFacts = z.infer<typeof AdoptFacts>;
