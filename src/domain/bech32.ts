/** Bech32 (BIP 173), as age writes its keys: a prefix, `1`, and bytes with a checksum that finds typing errors. */

const LETTERS = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3] as const;

/** Of lower-case text. Null where it is none of that prefix, or its checksum is wrong. */
export function decodeBech32(prefix: string, text: string): Uint8Array | null {
  if (!text.startsWith(`${prefix}1`)) return null;
  const values = [...text.slice(prefix.length + 1)].map((letter) => LETTERS.indexOf(letter));
  if (values.length < 6 || values.includes(-1) || checksum([...expanded(prefix), ...values]) !== 1) return null;
  return regroup(values.slice(0, -6), 5, 8);
}

export function encodeBech32(prefix: string, bytes: Uint8Array): string {
  const values = [...padded(bytes)];
  const sum = checksum([...expanded(prefix), ...values, 0, 0, 0, 0, 0, 0]) ^ 1;
  const check = [25, 20, 15, 10, 5, 0].map((shift) => (sum >> shift) & 31);
  return `${prefix}1${[...values, ...check].map((value) => LETTERS[value]).join('')}`;
}

function padded(bytes: Uint8Array): Uint8Array {
  const bits = bytes.length * 8;
  const whole = Math.ceil(bits / 5) * 5;
  return regroup([...bytes], 8, 5, whole - bits);
}

/** Bits in groups of another size; what is left over at the end is left out. `extra` zeros come behind the last. */
function regroup(values: readonly number[], from: number, to: number, extra = 0): Uint8Array {
  const out: number[] = [];
  let [held, bits] = [0, 0];
  const take = (value: number, width: number): void => {
    held = ((held << width) | value) & 0xffff;
    bits += width;
    while (bits >= to) {
      bits -= to;
      out.push((held >> bits) & ((1 << to) - 1));
    }
  };
  for (const value of values) take(value, from);
  if (extra > 0) take(0, extra);
  return Uint8Array.from(out);
}

function expanded(prefix: string): number[] {
  const codes = [...prefix].map((letter) => letter.charCodeAt(0));
  return [...codes.map((code) => code >> 5), 0, ...codes.map((code) => code & 31)];
}

function checksum(values: readonly number[]): number {
  let sum = 1;
  for (const value of values) {
    const top = sum >>> 25;
    sum = ((sum & 0x1ffffff) << 5) ^ value;
    GENERATOR.forEach((term, at) => {
      if (((top >> at) & 1) === 1) sum ^= term;
    });
  }
  return sum;
}
