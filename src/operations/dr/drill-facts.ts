import { z } from 'zod';
import { MadeOf } from '../vm/backup/made-of.ts';
import { Reading } from '../vm/backup/reading.ts';

/** All that a drill's steps and its evidence need. `vmId`, `uuid` and `name` are of the VM that is made for it. */
export const DrillFacts = MadeOf.extend({
  ...Reading.shape,
  drillId: z.string(),
  opId: z.string(),
  /** The VM whose backup it is. */
  of: z.object({ vmId: z.string(), name: z.string() }),
  /** VMs that are drilled behind it. */
  also: z.array(z.object({ vmId: z.string(), name: z.string() })),
  fromHost: z.string(),
  takenAt: z.number(),
  isolated: z.object({ name: z.string(), prefix: z.string(), address: z.string() }),
  /** The copies of its disks as they were unpacked, before the guest wrote to them. */
  copies: z.array(z.object({ target: z.string(), name: z.string(), file: z.string(), volume: z.string() })),
  bootMs: z.number(),
  /** Null: none is tried. */
  port: z.number().nullable(),
  agent: z.boolean(),
  /** A line of shell that must end with 0 in the guest; null for none. */
  command: z.string().nullable(),
  /** A file, and what its checksum was when it was backed up; that is null where nobody knows. Null for none. */
  marker: z.object({ path: z.string(), sha256: z.string().nullable() }).nullable(),
  /** Copies of its disks whose filesystems the guest checks: which disk, the volume, and where the guest is lent it. */
  checks: z.array(z.object({ of: z.string(), name: z.string(), target: z.string(), serial: z.string() })),
  /** Where the VM itself has its filesystems: those that lie on disks of the backup. */
  mounts: z.array(z.string()),
  objectives: z.object({ rpoMs: z.number(), rtoMs: z.number() }),
  /** Where the evidence goes. */
  channel: z.string(),
});
export type DrillFacts = z.infer<typeof DrillFacts>;
