/** lvs, vgs, pvs as JSON: all that Hostler asks for. On an error the list is there too, empty or short: so it is in life. */
import type { Group, Volume } from '../../model/host-model.ts';
import { findGroup, volumesOf } from '../../model/lvm.ts';
import { has, last, type Parsed, parseOptions } from '../options.ts';
import { type ToolCall, type ToolResult, unknown } from '../tool.ts';
import { badOption, COMMON, lookUp, noGroup, splitName } from './common.ts';
import { diskFields, type Field, groupFields, volumeFields } from './fields.ts';
import { selects } from './select.ts';
import { showShort } from './sizes.ts';

const TABLE = {
  ...COMMON,
  '--reportformat': 'value',
  '-o': { as: '--options' },
  '--options': 'value',
  '-a': { as: '--all' },
  '--all': 'flag',
  '--units': 'value',
  '--nosuffix': 'flag',
  '--noheadings': 'flag',
  '-O': { as: '--sort' },
  '--sort': 'value',
  '--readonly': 'flag',
} as const;

interface Rows<T> {
  readonly rows: readonly T[];
  readonly stderr: string;
}

function report<T>(
  call: ToolCall,
  kind: 'lv' | 'vg' | 'pv',
  fields: Readonly<Record<string, Field<T>>>,
  standard: string,
  rowsOf: (parsed: Parsed) => Rows<T> | ToolResult,
): ToolResult {
  const tool = `${kind}s`;
  const parsed = parseOptions(call.args, TABLE);
  const bad = badOption(tool, parsed);
  if (bad !== undefined) return bad;
  if (last(parsed, '--reportformat') !== 'json')
    return unknown(`${tool} without --reportformat json`, 3, '  The simulator reports in JSON only.');
  const names = (last(parsed, '--options') ?? standard).replace(/^\+/, `${standard},`).split(',');
  const strange = names.find((it) => fields[it] === undefined);
  if (strange !== undefined) {
    return { ...unknown(`${tool} -o ${strange}`, 5, `  Unrecognised field: ${strange}`), stdout: NOTHING };
  }
  const found = call.root ? rowsOf(parsed) : notRoot<T>();
  if ('exit' in found) return found;
  const show = (value: string | number) => (typeof value === 'string' ? value : size(parsed, value));
  const lines = found.rows.map((row) => {
    const cells = names.map(
      (name) => `"${name}":"${show(fields[name]?.(call.model, row) ?? '').replaceAll('"', '\\"')}"`,
    );
    return `                  {${cells.join(', ')}}`;
  });
  const list = lines.length === 0 ? '' : `${lines.join(',\n')}\n`;
  const json = `  {\n      "report": [\n          {\n              "${kind}": [\n${list}              ]\n          }\n      ]\n  }\n`;
  return { exit: found.stderr === '' ? 0 : 5, stdout: json, stderr: found.stderr };
}

function size(parsed: Parsed, bytes: number): string {
  if (last(parsed, '--units') !== 'b') return showShort(bytes);
  return has(parsed, '--nosuffix') ? String(bytes) : `${bytes}B`;
}

function notRoot<T>(): Rows<T> {
  return {
    rows: [],
    stderr:
      '  WARNING: Running as a non-root user. Functionality may be unavailable.\n  /run/lock/lvm/P_global:aux: open failed: Permission denied\n',
  };
}

/** The report when the fields or the selection were wrong. */
const NOTHING = '  {\n      "report": [\n      ]\n  }\n';
const VOLUME =
  'lv_name,vg_name,lv_attr,lv_size,pool_lv,origin,data_percent,metadata_percent,move_pv,mirror_log,copy_percent,convert_lv';

export function lvs(call: ToolCall): ToolResult {
  return report<Volume>(call, 'lv', volumeFields, VOLUME, (parsed) => {
    const { model } = call;
    let [rows, stderr]: [Volume[], string] = [[], ''];
    const all = parsed.rest.length === 0 ? model.groups.map((it) => it.name) : parsed.rest;
    for (const name of all) {
      if (splitName(name) === undefined) {
        if (findGroup(model, name) === undefined) stderr += noGroup(name).stderr;
        rows.push(...volumesOf(model, name));
        continue;
      }
      const found = lookUp(model, name);
      if ('exit' in found) stderr += found.stderr;
      else rows.push(found.volume);
    }
    const select = last(parsed, '--select');
    if (select !== undefined) {
      const matches = selects(model, select);
      if (typeof matches === 'string') return { ...unknown(`selection ${select}`, 5, matches), stdout: NOTHING };
      rows = rows.filter(matches);
    }
    return { rows, stderr };
  });
}

function groups(call: ToolCall, parsed: Parsed): Rows<Group> | ToolResult {
  if (has(parsed, '--select')) return unknown('vgs -S', 5, '  The simulator selects volumes only.');
  if (parsed.rest.length === 0) return { rows: call.model.groups, stderr: '' };
  const missing = parsed.rest.filter((it) => findGroup(call.model, it) === undefined);
  return {
    rows: call.model.groups.filter((it) => parsed.rest.includes(it.name)),
    stderr: missing.map((it) => noGroup(it).stderr).join(''),
  };
}

export function vgs(call: ToolCall): ToolResult {
  const standard = 'vg_name,pv_count,lv_count,snap_count,vg_attr,vg_size,vg_free';
  const asked = last(parseOptions(call.args, TABLE), '--options') ?? '';
  if (!asked.split(',').some((name) => groupFields[name] === undefined && volumeFields[name] !== undefined))
    return report<Group>(call, 'vg', groupFields, standard, (parsed) => groups(call, parsed));
  // Asked for a volume's field, it tells a row for each volume, and of a group without volumes nothing.
  return report<Member>(call, 'vg', memberFields, standard, (parsed) => {
    const found = groups(call, parsed);
    if ('exit' in found) return found;
    const rows = found.rows.flatMap((group) => volumesOf(call.model, group.name).map((volume) => ({ group, volume })));
    return { rows, stderr: found.stderr };
  });
}

/** A volume with its group. */
interface Member {
  readonly group: Group;
  readonly volume: Volume;
}
const memberFields: Readonly<Record<string, Field<Member>>> = {
  ...Object.fromEntries(
    Object.entries(volumeFields).map(([name, field]) => [name, (model, { volume }) => field(model, volume)]),
  ),
  ...Object.fromEntries(
    Object.entries(groupFields).map(([name, field]) => [name, (model, { group }) => field(model, group)]),
  ),
};

export function pvs(call: ToolCall): ToolResult {
  return report<Group>(call, 'pv', diskFields, 'pv_name,vg_name,pv_fmt,pv_attr,pv_size,pv_free', () => ({
    rows: call.model.groups,
    stderr: '',
  }));
}
