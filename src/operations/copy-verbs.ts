import type { VolumeName } from './driver.ts';
import type { HostCall } from './ports.ts';

/** A volume, and the one that is to hold the same. */
export interface VolumePair {
  readonly from: VolumeName;
  readonly to: VolumeName;
}

/**
 * Whole volumes, from one into another on the same host. Both verbs take long, so they begin a unit of the host's own systemd
 * (`ImageVerbs.pouring` looks at it and `stopPouring` ends it). Nobody else may write to the volumes meanwhile.
 */
export interface CopyVerbs {
  /** `blank`: the other reads as zeros all over, so what is zero needn't be written, and a thin volume doesn't come to hold it. */
  readonly copy: (of: VolumePair & { readonly blank: boolean; readonly unit: string }) => HostCall<void>;
  /** Reads both from the medium, around the host's cache. The unit fails at the first byte that differs. */
  readonly compare: (of: VolumePair & { readonly unit: string }) => HostCall<void>;
}
