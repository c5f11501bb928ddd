/** A disk that was taken out of its VM: its volume lies in the trash until it is attached again, or purged. */
export interface DetachedDisk {
  readonly vmId: string;
  readonly vg: string;
  /** Its name in the trash. */
  readonly volume: string;
  /** Where the guest had it. */
  readonly target: string;
  readonly sizeBytes: number;
  readonly kind: 'thin' | 'thick';
  /** Its part of the definition, to attach it as it was. */
  readonly xml: string;
  readonly detachedAt: number;
  readonly detachedBy: string;
}

/** Disks in the trash whose VMs are not: those of a VM in the trash are its own rows'. */
export interface DetachedRows {
  /** Oldest first; of all VMs where null. */
  readonly of: (vmId: string | null) => readonly DetachedDisk[];
  /** Of the VMs on a host that are not purged. */
  readonly onHost: (host: string) => readonly DetachedDisk[];
  readonly insert: (disk: DetachedDisk) => void;
  readonly forget: (vmId: string, volume: string) => void;
  readonly asked: AskedRows;
}

/** A disk that a guest was asked to let go of, and that was put back when it did not: it may still let go. */
export interface AskedDisk {
  readonly vmId: string;
  readonly target: string;
  readonly askedAt: number;
}

interface AskedRows {
  readonly all: () => readonly AskedDisk[];
  /** One a disk: what is asked again is asked anew. */
  readonly save: (disk: AskedDisk) => void;
  readonly forget: (vmId: string, target: string) => void;
}
