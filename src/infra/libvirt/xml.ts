/** XML as a plain tree: read by a kept parser, written by an escaping builder. Nothing is ever pasted. */
import { XMLParser } from 'fast-xml-parser';

export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Node[];
}
export type Node = Element | string;

type Attributes = Readonly<Record<string, string | number | undefined>>;

/** One element. Attributes that are undefined are left out. */
export function el(name: string, attributes: Attributes = {}, ...children: readonly Node[]): Element {
  const kept: Record<string, string> = {};
  for (const [key, value] of Object.entries(attributes)) if (value !== undefined) kept[key] = String(value);
  return { name, attributes: kept, children };
}

/** The elements among the children, all or those of one name. */
export function elements(parent: Element, name?: string): readonly Element[] {
  return parent.children.filter(
    (child): child is Element => typeof child !== 'string' && (name === undefined || child.name === name),
  );
}

export function child(parent: Element, name: string): Element | undefined {
  return elements(parent, name)[0];
}

export function textOf(element: Element | undefined): string {
  return (element?.children ?? []).filter((node): node is string => typeof node === 'string').join('');
}

/** `parent` with `next` in place of all its children of that name: where the first one stood, else at the end. */
export function replaced(parent: Element, name: string, next: readonly Element[]): Element {
  const at = parent.children.findIndex((node) => typeof node !== 'string' && node.name === name);
  const rest = (nodes: readonly Node[]): readonly Node[] =>
    nodes.filter((node) => typeof node === 'string' || node.name !== name);
  const before = rest(at < 0 ? parent.children : parent.children.slice(0, at));
  const after = rest(at < 0 ? [] : parent.children.slice(at));
  return { ...parent, children: [...before, ...next, ...after] };
}

/**
 * The document as text: two spaces a level, attributes in the order of their names, so that equal trees give equal bytes
 * (plans are known by their digest). Whitespace between elements is not content in libvirt's XML, and is made anew.
 */
export function buildXml(root: Element): string {
  return `${lines(root, '').join('\n')}\n`;
}

function lines(element: Element, indent: string): string[] {
  const attributes = Object.keys(element.attributes)
    .toSorted()
    .map((key) => ` ${key}="${escapeXml(element.attributes[key] ?? '')}"`)
    .join('');
  const open = `${indent}<${element.name}${attributes}`;
  const nested = elements(element);
  if (nested.length === 0) {
    const text = escapeXml(textOf(element));
    return [text === '' ? `${open}/>` : `${open}>${text}</${element.name}>`];
  }
  return [`${open}>`, ...nested.flatMap((one) => lines(one, `${indent}  `)), `${indent}</${element.name}>`];
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};
const FORBIDDEN = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

/** Throws RangeError for characters that XML 1.0 can't hold, escaped or not. */
function escapeXml(text: string): string {
  if (FORBIDDEN.test(text)) throw new RangeError('XML cannot hold a control character');
  return text.replaceAll(/[&<>"'\t\n\r]/g, (one) => ESCAPES[one] ?? one);
}

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  processEntities: false,
  ignorePiTags: true,
  ignoreDeclaration: true,
});

/**
 * Reads a document with one root element. Throws SyntaxError for all else. `printed`: libvirt itself wrote it, so that it is well-formed
 * needs no proof, which takes as long as the reading.
 */
export function parseXml(text: string, { printed = false } = {}): Element {
  let nodes: readonly Node[];
  try {
    const parsed: unknown = parser.parse(text, !printed);
    nodes = toNodes(parsed);
  } catch (cause) {
    throw new SyntaxError('not well-formed XML', { cause });
  }
  const roots = nodes.filter((node): node is Element => typeof node !== 'string');
  const [root] = roots;
  if (root === undefined || roots.length > 1) throw new SyntaxError('an XML document has one root element');
  return root;
}

function toNodes(parsed: unknown): readonly Node[] {
  if (!Array.isArray(parsed)) throw new SyntaxError('unexpected shape from the XML parser');
  return parsed.flatMap((entry: Readonly<Record<string, unknown>>): Node[] => {
    const name = Object.keys(entry).find((key) => key !== ':@');
    if (name === undefined) return [];
    if (name === '#text') return [unescapeXml(String(entry[name]))];
    return [{ name, attributes: toAttributes(entry[':@']), children: toNodes(entry[name]) }];
  });
}

function toAttributes(value: unknown): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const [key, text] of Object.entries(value ?? {})) found[key] = unescapeXml(String(text));
  return found;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescapeXml(text: string): string {
  if (!text.includes('&')) return text;
  return text.replaceAll(/&(?:#x([0-9a-fA-F]+)|#(\d+)|(\w+));/g, (_all, hex, decimal, name) => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    const known = ENTITIES[name];
    if (known === undefined) throw new SyntaxError(`unknown entity &${name};`);
    return known;
  });
}
