/** Metadata entries, title and description. libvirt replaces an entry whole, by its namespace. */

import { factsOf } from '../../model/facts.ts';
import type { Domain } from '../../model/host-model.ts';
import { child, element, parseXml, printXml, type XmlNode } from '../../model/xml.ts';
import { error, flag, onDomain, option, say, type VirshCall, type VirshCommand } from './command.ts';

export const metadataCommands: Readonly<Record<string, VirshCommand>> = {
  metadata: onDomain(
    {
      '--uri': 'value',
      '--key': 'value',
      '--set': 'value',
      '--remove': 'flag',
      '--config': 'flag',
      '--live': 'flag',
      '--current': 'flag',
      '--edit': 'flag',
    },
    metadata,
    ['--uri!', '--key', '--set'],
  ),
  desc: onDomain(
    { '--title': 'flag', '--config': 'flag', '--live': 'flag', '--current': 'flag', '--new-desc': 'value' },
    (call, domain) => {
      const name = flag(call, '--title') ? 'title' : 'description';
      const text = option(call, '--new-desc');
      if (text === undefined) {
        const found = child(parseXml(domain.xml), name)?.text;
        return say(found === undefined ? `No ${name} for domain: ${domain.name}` : found);
      }
      change(call, domain, (xml) => place(xml, name, text === '' ? undefined : element(name, {}, text)));
      return say(`Domain ${name} updated successfully`);
    },
    ['--new-desc'],
  ),
};

function metadata(call: VirshCall, domain: Domain) {
  const [uri = '', key, set] = [option(call, '--uri'), option(call, '--key'), option(call, '--set')];
  if (flag(call, '--live') && domain.live === null)
    return error('Requested operation is not valid: domain is not running');
  if (flag(call, '--edit')) return { ...error('the simulator has no editor'), unknown: 'virsh metadata --edit' };
  if (set === undefined && !flag(call, '--remove')) {
    const source = domain.live === null || flag(call, '--config') ? domain.xml : domain.live.xml;
    const found = entries(parseXml(source)).find((it) => namespaceOf(it) === uri);
    if (found === undefined) return error('metadata not found: Requested metadata element is not present');
    return say(printXml(withoutNamespace(found), 0, '"'));
  }
  if (flag(call, '--remove')) {
    change(call, domain, (xml) =>
      withEntries(
        xml,
        entries(xml).filter((it) => namespaceOf(it) !== uri),
      ),
    );
    return say('Metadata removed\n');
  }
  if (key === undefined) return error('namespace key is required when modifying metadata');
  let given: XmlNode;
  try {
    given = parseXml(set ?? '');
  } catch {
    return error(`(metadata_xml):1: Start tag expected, '<' not found\n${set}\n^`);
  }
  const entry = { ...prefixed(given, key), attrs: { [`xmlns:${key}`]: uri, ...given.attrs } };
  change(call, domain, (xml) => withEntries(xml, [...entries(xml).filter((it) => namespaceOf(it) !== uri), entry]));
  return say('Metadata modified\n');
}

/** On the definition, on the running domain, or by default on what there is. */
function change(call: VirshCall, domain: Domain, edit: (xml: XmlNode) => XmlNode): void {
  const { live } = domain;
  const named = flag(call, '--config') || flag(call, '--live');
  if (live === null || flag(call, '--config')) {
    const xml = edit(parseXml(domain.xml));
    domain.xml = printXml(xml);
    domain.facts = factsOf(xml);
  }
  if (live !== null && (flag(call, '--live') || !named))
    domain.live = { ...live, xml: printXml(edit(parseXml(live.xml))) };
}

function entries(xml: XmlNode): readonly XmlNode[] {
  return child(xml, 'metadata')?.children ?? [];
}

function withEntries(xml: XmlNode, list: readonly XmlNode[]): XmlNode {
  return place(xml, 'metadata', list.length === 0 ? undefined : element('metadata', {}, list));
}

/** title, description and metadata stand in this order behind the UUID. */
function place(xml: XmlNode, name: string, node: XmlNode | undefined): XmlNode {
  const order = ['name', 'uuid', 'title', 'description', 'metadata'];
  const rank = (it: XmlNode) => (order.includes(it.name) ? order.indexOf(it.name) : order.length);
  const kept = xml.children.filter((it) => it.name !== name);
  return { ...xml, children: [...kept, ...(node === undefined ? [] : [node])].sort((a, b) => rank(a) - rank(b)) };
}

function namespaceOf(entry: XmlNode): string {
  const [prefix, local] = entry.name.split(':');
  return entry.attrs[local === undefined ? 'xmlns' : `xmlns:${prefix}`] ?? '';
}

function withoutNamespace(node: XmlNode): XmlNode {
  const attrs = Object.fromEntries(Object.entries(node.attrs).filter(([key]) => !key.startsWith('xmlns')));
  return {
    ...node,
    name: node.name.split(':').at(-1) ?? node.name,
    attrs,
    children: node.children.map(withoutNamespace),
  };
}

function prefixed(node: XmlNode, key: string): XmlNode {
  const name = node.name.includes(':') ? node.name : `${key}:${node.name}`;
  return { ...node, name, children: node.children.map((it) => prefixed(it, key)) };
}
