/** Device-mapper's names of what LVM makes. */

/** A part of such a name: a hyphen in it is doubled, for one stands between the parts. */
export function mapperName(part: string): string {
  return part.replaceAll('-', '--');
}

/** `cloudvg-thinpool`: a pool's own device adds `-tpool`, that of its metadata `_tmeta`. */
export function poolDevice({ vg, name }: { readonly vg: string; readonly name: string }): string {
  return `${mapperName(vg)}-${mapperName(name)}`;
}
