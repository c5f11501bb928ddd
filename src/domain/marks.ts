/** An id as it stands in the names of volumes and files: `vm-01j…`. */
export function inNames(id: string): string {
  return id.replaceAll('_', '-').toLowerCase();
}

/** The tag (LVM) for a mark; also the file suffix and metadata value. */
export function opTag(op: string): string {
  return `hostler.op.${op}`;
}
export function vmTag(vm: string): string {
  return `hostler.vm.${vm}`;
}
/** What all volumes of one snapshot bear. */
export function snapTag(snapshot: string): string {
  return `hostler.snap.${snapshot}`;
}
/** Which snapshot a volume's content came from: LVM's own `origin` follows renames, and is lost with a merge. */
export function fromTag(snapshot: string): string {
  return `hostler.from.${snapshot}`;
}
