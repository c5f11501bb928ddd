/** virsh's text as typed rows. Lenient with machines: only the fields we need. */
import type { AddressSeen } from '../../operations/driver.ts';

/** All that libvirt told of a domain, by key. */
export interface DomainFields {
  readonly name: string;
  readonly fields: Readonly<Record<string, string>>;
}

const DOMAIN = "Domain: '";

/** Every key of one domain's statistics, or of a few domains'; for those of a whole host see domstats.ts. */
export function parseDomstats(text: string): readonly DomainFields[] {
  const found: { name: string; fields: Record<string, string> }[] = [];
  let fields: Record<string, string> | undefined;
  for (const line of text.split('\n')) {
    if (line.startsWith(DOMAIN) && line.endsWith("'")) {
      fields = {};
      found.push({ name: line.slice(DOMAIN.length, -1), fields });
    }
    const equals = line.indexOf('=');
    if (fields !== undefined && equals > 2 && line.startsWith('  '))
      fields[line.slice(2, equals)] = line.slice(equals + 1);
  }
  return found;
}

/** `UUID name` lines of `list --all --uuid --name`. */
export function parseUuidNames(text: string): readonly { readonly uuid: string; readonly name: string }[] {
  return text.split('\n').flatMap((line) => {
    const [, uuid, name] = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\s+(.+)$/.exec(line) ?? [];
    return uuid === undefined || name === undefined ? [] : [{ uuid, name }];
  });
}

/** `Using library: libvirt 9.0.0` and `Running hypervisor: QEMU 7.2.22`. */
export function parseVersion(text: string): { readonly libvirt: string | null; readonly qemu: string | null } {
  return {
    libvirt: /^Using library: libvirt (\S+)$/m.exec(text)?.[1] ?? null,
    qemu: /^Running hypervisor: QEMU (\S+)$/m.exec(text)?.[1] ?? null,
  };
}

/** Rows of `domifaddr`; a `-` continues the row above. Loopback, link-local and rows without an address are left out. */
export function parseAddresses(text: string, source: AddressSeen['source']): readonly AddressSeen[] {
  const found: AddressSeen[] = [];
  let nic = { name: '', mac: '' };
  for (const line of text.split('\n')) {
    const [, name, mac, family, prefixed] = /^ (.+?) +([0-9a-f:]{17}|-|N\/A) +(ipv4|ipv6) +(\S+)$/.exec(line) ?? [];
    if (name === undefined || mac === undefined || prefixed === undefined) continue;
    if (mac !== '-') nic = { name, mac };
    const address = prefixed.replace(/\/\d+$/, '');
    if (nic.name === 'lo' || isLocal(address)) continue;
    found.push({ mac: nic.mac, address, family: family === 'ipv4' ? 'ipv4' : 'ipv6', source });
  }
  return found;
}

function isLocal(address: string): boolean {
  return /^127\.|^169\.254\.|^::1$|^fe[89ab][0-9a-f]:/i.test(address);
}

/** The same address from several sources stands once, under the first of them. */
export function eachOnce(addresses: readonly AddressSeen[]): readonly AddressSeen[] {
  const known = new Set<string>();
  return addresses.filter(({ mac, address }) => {
    const key = `${mac} ${address}`;
    return known.has(key) ? false : known.add(key);
  });
}
