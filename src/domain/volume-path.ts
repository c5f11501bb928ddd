const WORD = '[A-Za-z0-9_.+-]+';
const PLAIN = new RegExp(`^/dev/(${WORD})/(${WORD})$`);
const MAPPED = new RegExp(`^/dev/mapper/(${WORD})$`);

/** The volume behind `/dev/VG/NAME` or `/dev/mapper/VG-NAME`; null for what is none. */
export function volumeAt(path: string): { readonly vg: string; readonly volume: string } | null {
  const [, mapped] = MAPPED.exec(path) ?? [];
  if (mapped !== undefined) {
    // Device-mapper doubles what is a hyphen of a name; the one that stands alone is between group and volume.
    const parts = mapped.split(/(?<!-)-(?!-)/);
    const [vg = '', volume = ''] = parts.map((part) => part.replaceAll('--', '-'));
    return parts.length === 2 && vg !== '' && volume !== '' ? { vg, volume } : null;
  }
  const [, vg, volume] = PLAIN.exec(path) ?? [];
  return vg === undefined || volume === undefined ? null : { vg, volume };
}
