/** XML as a small tree, read with a kept parser and written as libvirt writes it: two spaces, single quotes. */
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { z } from 'zod';

export interface XmlNode {
  readonly name: string;
  readonly attrs: Readonly<Record<string, string>>;
  readonly children: readonly XmlNode[];
  readonly text: string;
}

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
});

/** fast-xml-parser's ordered form: `{ name: [...], ':@': { attr: value } }`, or `{ '#text': … }`. */
const Ordered = z.array(z.record(z.string(), z.unknown()));
const Attributes = z.record(z.string(), z.string());

/** The root element. Throws SyntaxError for what is not well-formed. */
export function parseXml(text: string): XmlNode {
  const valid = XMLValidator.validate(text);
  if (valid !== true) throw new SyntaxError(`${valid.err.line}: ${valid.err.msg}`);
  const [root] = nodes(parser.parse(text)).children;
  if (root === undefined) throw new SyntaxError('1: Document is empty');
  return root;
}

function nodes(raw: unknown): { children: XmlNode[]; text: string } {
  const children: XmlNode[] = [];
  let text = '';
  for (const entry of Ordered.parse(raw)) {
    const name = Object.keys(entry).find((key) => key !== ':@');
    if (name === undefined) continue;
    if (name === '#text') text += String(entry[name]);
    else children.push({ name, attrs: Attributes.parse(entry[':@'] ?? {}), ...nodes(entry[name]) });
  }
  return { children, text };
}

/** The element with all inside, ending in a newline. `quote` is the one around attributes. */
export function printXml(node: XmlNode, indent = 0, quote: "'" | '"' = "'"): string {
  const pad = ' '.repeat(indent);
  const attrs = Object.entries(node.attrs).map(([key, value]) => ` ${key}=${quote}${escapeXml(value)}${quote}`);
  const open = `${pad}<${node.name}${attrs.join('')}`;
  if (node.children.length === 0) {
    return node.text === '' ? `${open}/>\n` : `${open}>${escapeXml(node.text)}</${node.name}>\n`;
  }
  // libvirt passes what stands in <metadata> through libxml2, which writes double quotes.
  const inner = node.name === 'metadata' ? '"' : quote;
  const inside = node.children.map((it) => printXml(it, indent + 2, inner));
  return `${open}>\n${inside.join('')}${pad}</${node.name}>\n`;
}

function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&apos;');
}

export function element(
  name: string,
  attrs: Readonly<Record<string, string | undefined>> = {},
  inside: readonly XmlNode[] | string = [],
): XmlNode {
  const kept: Record<string, string> = {};
  for (const [key, value] of Object.entries(attrs)) if (value !== undefined) kept[key] = value;
  return typeof inside === 'string'
    ? { name, attrs: kept, children: [], text: inside }
    : { name, attrs: kept, children: inside, text: '' };
}

export function child(node: XmlNode | undefined, name: string): XmlNode | undefined {
  return node?.children.find((it) => it.name === name);
}
export function children(node: XmlNode | undefined, name: string): readonly XmlNode[] {
  return node?.children.filter((it) => it.name === name) ?? [];
}
