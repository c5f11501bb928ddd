/** LVM's selections (`-S`): comparisons joined by `&&` and `,`. What the simulator doesn't know is an error, never "all". */
import type { HostModel, Volume } from '../../model/host-model.ts';
import { volumeFields } from './fields.ts';

/** A test for volumes, or LVM's complaint. */
export function selects(model: HostModel, selection: string): ((volume: Volume) => boolean) | string {
  const tests: ((volume: Volume) => boolean)[] = [];
  for (const part of selection.split(/&&|,(?![^{[]*[}\]])/)) {
    const match = /^\s*([a-z_]+)\s*(=~|!=|=)\s*(.*?)\s*$/.exec(part);
    const field = match?.[1] === 'tags' ? 'lv_tags' : (match?.[1] ?? '');
    const value = unquote(match?.[3] ?? '');
    if (match === null || volumeFields[field] === undefined) {
      return `  Unrecognised selection field: ${field || part.trim()}\n  Selection syntax error at '${selection}'.\n  Use 'help' for selection to get more help.`;
    }
    tests.push((volume) => compare(model, volume, field, match[2] ?? '=', value));
  }
  return (volume) => tests.every((it) => it(volume));
}

function unquote(text: string): string {
  return /^(["']).*\1$/.test(text) ? text.slice(1, -1) : text;
}

function compare(model: HostModel, volume: Volume, field: string, operator: string, value: string): boolean {
  const equal = field === 'lv_tags' ? hasTags(volume, value) : shown(model, volume, field) === value;
  if (operator === '=~') return new RegExp(value).test(shown(model, volume, field));
  return operator === '!=' ? !equal : equal;
}

function shown(model: HostModel, volume: Volume, field: string): string {
  return String(volumeFields[field]?.(model, volume) ?? '');
}

/** `tag` and `{tag && other}`: all of them, and maybe more; `[tag]`: these alone. */
function hasTags(volume: Volume, value: string): boolean {
  const strict = value.startsWith('[');
  const wanted = value
    .replaceAll(/^[[{]|[\]}]$/g, '')
    .split(/,|&&/)
    .map((it) => unquote(it.trim()))
    .filter((it) => it !== '');
  if (wanted.length === 0) return volume.tags.length === 0;
  return wanted.every((it) => volume.tags.includes(it)) && (!strict || wanted.length === volume.tags.length);
}
