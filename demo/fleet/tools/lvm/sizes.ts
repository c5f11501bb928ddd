/** LVM's sizes: as it reads them, and as it shows them. */

const UNITS: Readonly<Record<string, number>> = {
  b: 1,
  s: 512,
  k: 1024,
  m: 1024 ** 2,
  g: 1024 ** 3,
  t: 1024 ** 4,
  p: 1024 ** 5,
};

/** Bytes of `1G`, `512m`, `1073741824b`; plain numbers are MiB. Undefined for what is no size. */
export function readSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)([bBsSkKmMgGtTpP])?$/.exec(text);
  if (match === null) return undefined;
  return Number(match[1]) * (UNITS[(match[2] ?? 'm').toLowerCase()] ?? 1);
}

/** `<60.00 GiB`: two digits, with `<` where rounding went up. */
export function showSize(bytes: number): string {
  const [value, unit] = scaled(bytes);
  return `${roundedUp(value)}${value.toFixed(2)} ${unit.toUpperCase()}iB`.replace(' BiB', ' B');
}

/** `<60.00g`, as in the tables. */
export function showShort(bytes: number): string {
  const [value, unit] = scaled(bytes);
  return `${roundedUp(value)}${value.toFixed(2)}${unit}`;
}

function scaled(bytes: number): [number, string] {
  for (const unit of ['p', 't', 'g', 'm', 'k']) {
    const factor = UNITS[unit] ?? 1;
    // LVM goes up a unit as soon as the rounded value would read 1.00 of it.
    if (bytes / factor >= 0.9999) return [bytes / factor, unit];
  }
  return [bytes, 'b'];
}

function roundedUp(value: number): string {
  return Number(value.toFixed(2)) > value ? '<' : '';
}
