/**
 * Our two entries in a domain's metadata: its marks, and the names people know it by. They are two, each in a namespace of
 * its own, because libvirt replaces an entry only whole, and a rename must leave the marks alone.
 *
 *     <hostler:vm xmlns:hostler="https://hostler.dev/xmlns/domain/1" id="vm_…" op="op_…"/>
 *     <hostler-names:names xmlns:hostler-names="https://hostler.dev/xmlns/names/1" name="web-01" team="team-01"/>
 *
 * A domain that isn't called `team-name` says so (`domain="legacy"`): a copy of it, which has another name, is known by that.
 */
import type { Marks } from '../../operations/driver.ts';
import type { NamedMarks } from '../../operations/mark-verbs.ts';
import { child, type Element, el, elements, replaced } from './xml.ts';

export const MARKS_NAMESPACE = 'https://hostler.dev/xmlns/domain/1';
export const NAMES_NAMESPACE = 'https://hostler.dev/xmlns/names/1';
/** Prefixes; virsh calls them keys. */
export const MARKS_KEY = 'hostler';
export const NAMES_KEY = 'hostler-names';

/** The VM's team, and its name in the team. */
export interface Names {
  readonly team: string;
  readonly name: string;
  /** Where left out, it is `team-name`. */
  readonly domainName?: string;
}

/** The names as they stand in `<metadata>`. */
export function namesElement(names: Names): Element {
  return el(`${NAMES_KEY}:names`, { [`xmlns:${NAMES_KEY}`]: NAMES_NAMESPACE, ...attributesOf(names) });
}

function attributesOf({ team, name, domainName }: Names): Readonly<Record<string, string | undefined>> {
  return { domain: domainName === `${team}-${name}` ? undefined : domainName, name, team };
}

/** The names as `virsh metadata --set` wants them: libvirt adds prefix and namespace itself. */
export function bareNames(names: Names): Element {
  return el('names', attributesOf(names));
}

export function bareMarks({ op, vm }: Marks): Element {
  return el('vm', { id: vm, op });
}

export function marksElement({ op, vm }: Marks): Element {
  return el(`${MARKS_KEY}:vm`, { [`xmlns:${MARKS_KEY}`]: MARKS_NAMESPACE, id: vm, op });
}

/** The domain with these entries in its metadata, in place of the ones in the same namespaces; others stay. */
export function withMetadata(domain: Element, entries: readonly Element[]): Element {
  const ours = new Set(entries.map(namespaceOf));
  const kept = elements(child(domain, 'metadata') ?? el('metadata')).filter((one) => !ours.has(namespaceOf(one)));
  return replaced(domain, 'metadata', [el('metadata', {}, ...kept, ...entries)]);
}

/** Null where the domain isn't ours. */
export function readMarks(domain: Element): NamedMarks | null {
  const entries = elements(child(domain, 'metadata') ?? el('metadata'));
  const marks = entries.find((one) => namespaceOf(one) === MARKS_NAMESPACE)?.attributes;
  const names = entries.find((one) => namespaceOf(one) === NAMES_NAMESPACE)?.attributes;
  if (marks?.id === undefined || marks.op === undefined) return null;
  const other = names?.domain;
  return {
    op: marks.op,
    vm: marks.id,
    team: names?.team ?? '',
    name: names?.name ?? '',
    ...(other === undefined ? {} : { domain: other }),
  };
}

/** The namespace that an element declares for its own prefix, as libvirt writes it for each entry. */
function namespaceOf(entry: Element): string {
  const prefix = entry.name.includes(':') ? entry.name.slice(0, entry.name.indexOf(':')) : undefined;
  return entry.attributes[prefix === undefined ? 'xmlns' : `xmlns:${prefix}`] ?? '';
}
