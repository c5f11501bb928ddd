import { z } from 'zod';
import { VmFacts } from './common.ts';

const DiskFacts = z.object({
  target: z.string(),
  vg: z.string(),
  volume: z.string(),
  sizeBytes: z.number(),
  kind: z.enum(['thin', 'thick', 'existing']),
  /** The golden image, its volume and size that it is cloned from; null for an empty or existing one. */
  from: z.object({ imageId: z.string(), volume: z.string(), sizeBytes: z.number() }).nullable(),
});

/** All that making a VM needs; the domain's XML and the seed are fixed with the plan, so what was approved is what runs. */
export const CreateFacts = VmFacts.extend({
  domainName: z.string(),
  mac: z.string(),
  vcpus: z.number(),
  memoryBytes: z.number(),
  flavor: z.string(),
  image: z.string().nullable(),
  login: z.string().nullable(),
  network: z.string(),
  pool: z.string(),
  disk: DiskFacts,
  seed: z.object({ path: z.string(), base64: z.string(), bytes: z.number() }).nullable(),
  xml: z.string(),
  createdBy: z.string(),
  /** Waits for an address at the end; not where there is no guest yet (ISO, network). */
  awaitsAddress: z.boolean(),
  addressMs: z.number(),
  autostart: z.boolean(),
});
export type CreateFacts = z.infer<typeof CreateFacts>;
