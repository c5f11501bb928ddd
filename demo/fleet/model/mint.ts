/** Ids that look random and repeat exactly: each is a hash of the host's name and a counter in its state. */
import { createHash } from 'node:crypto';
import type { HostModel } from './host-model.ts';

/** Hex digits, `length` of them (64 at most). */
function mintHex(model: HostModel, length: number): string {
  model.serial += 1;
  return createHash('sha256').update(`${model.name} ${model.serial}`).digest('hex').slice(0, length);
}

/** A UUID of version 4. */
export function mintUuid(model: HostModel): string {
  return uuidOf(mintHex(model, 32));
}

function uuidOf(hex: string): string {
  const at = (from: number, to: number) => hex.slice(from, to);
  return `${at(0, 8)}-${at(8, 12)}-4${at(13, 16)}-a${at(17, 20)}-${at(20, 32)}`;
}

/** LVM's own form of a UUID: 6-4-4-4-4-4-6 letters and digits. */
export function mintLvmUuid(model: HostModel): string {
  const text = Buffer.from(mintHex(model, 64), 'hex').toString('base64').replaceAll(/[+/=]/g, 'x').slice(0, 32);
  return [6, 10, 14, 18, 22, 26, 32].map((to, index, all) => text.slice(all[index - 1] ?? 0, to)).join('-');
}

/** A MAC address in QEMU's range. */
export function mintMac(model: HostModel): string {
  const hex = mintHex(model, 6);
  return `52:54:00:${hex.slice(0, 2)}:${hex.slice(2, 4)}:${hex.slice(4, 6)}`;
}
