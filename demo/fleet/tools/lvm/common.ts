/** What LVM's programs have in common. */
import type { Group, HostModel, Volume } from '../../model/host-model.ts';
import { drawingFrom, findGroup, findVolume, freeExtents } from '../../model/lvm.ts';
import type { OptionTable, Parsed } from '../options.ts';
import { fail, type ToolCall, type ToolResult, unknown } from '../tool.ts';
import { showSize } from './sizes.ts';

/** Options of every LVM program. */
export const COMMON: OptionTable = {
  '-y': { as: '--yes' },
  '--yes': 'flag',
  '-q': { as: '--quiet' },
  '--quiet': 'flag',
  '-t': { as: '--test' },
  '--test': 'flag',
  '-f': { as: '--force' },
  '--force': 'flag',
  '--noudevsync': 'flag',
  '--config': 'value',
  '--devicesfile': 'value',
  '--nolocking': 'flag',
  '-S': { as: '--select' },
  '--select': 'value',
};

/** What an LVM program says without root; undefined with it. */
export function asRoot(tool: string, call: ToolCall): ToolResult | undefined {
  if (call.root) return undefined;
  const thin = tool === 'lvcreate' && call.args.some((it) => /^(-V|--virtualsize|-s|--snapshot)/.test(it));
  const what = thin
    ? [
        'thin: Required device-mapper target(s) not detected in your kernel.',
        "Run `lvcreate --help' for more information.",
      ]
    : [
        '/run/lock/lvm/V_cloudvg:aux: open failed: Permission denied',
        "Can't get lock for cloudvg.",
        'Cannot process volume group cloudvg',
      ];
  const lines = [
    'WARNING: Running as a non-root user. Functionality may be unavailable.',
    '/dev/mapper/control: open failed: Permission denied',
    'Failure to communicate with kernel device-mapper driver.',
    'Incompatible libdevmapper 1.02.185 (2022-05-18) and kernel driver (unknown version).',
    ...what,
  ];
  return fail(thin ? 3 : 5, lines.map((it) => `  ${it}\n`).join(''));
}

export function badOption(tool: string, parsed: Parsed): ToolResult | undefined {
  if (parsed.bad === undefined) return undefined;
  const { option, why } = parsed.bad;
  const text =
    why === 'unknown' ? `${tool}: unrecognized option '${option}'` : `${tool}: option '${option}' requires an argument`;
  return unknown(`${tool} ${option}`, 3, `${text}\n  Error during parsing of command line.`);
}

/** A usage error: exit code 3 and the hint at the help. */
export function usage(tool: string, text: string): ToolResult {
  return fail(3, `  ${text}\n  Run \`${tool} --help' for more information.`);
}

export function noGroup(name: string): ToolResult {
  return fail(5, `  Volume group "${name}" not found\n  Cannot process volume group ${name}`);
}

/** `VG/LV` or `/dev/VG/LV`. */
export function splitName(text: string): { vg: string; lv: string } | undefined {
  const plain = text.startsWith('/dev/mapper/') ? text : text.replace(/^\/dev\//, '');
  const [vg, lv, ...more] = plain.split('/');
  return vg && lv && more.length === 0 ? { vg, lv } : undefined;
}

/** The volume of a name that was given, or what LVM answers where there is none. */
export function lookUp(model: HostModel, text: string): { volume: Volume; group: Group } | ToolResult {
  const name = splitName(text);
  if (name === undefined) return fail(5, `  Path required for Logical Volume "${text}".`);
  const group = findGroup(model, name.vg);
  if (group === undefined) return noGroup(name.vg);
  const volume = findVolume(model, name.vg, name.lv);
  return volume === undefined ? fail(5, `  Failed to find logical volume "${name.vg}/${name.lv}"`) : { volume, group };
}

/** Why a volume can't have this name; undefined when it can. */
export function nameProblem(tool: string, model: HostModel, vg: string, name: string): ToolResult | undefined {
  if (!/^[A-Za-z0-9_.+][A-Za-z0-9_.+-]*$/.test(name) || name === '.' || name === '..') {
    return usage(tool, `Logical volume name "${name}" is invalid.`);
  }
  const start = ['snapshot', 'pvmove'].find((it) => name.startsWith(it));
  if (start !== undefined)
    return usage(tool, `Names starting "${start}" are reserved. Please choose a different LV name.`);
  const inside = [
    '_cdata',
    '_cmeta',
    '_corig',
    '_mlog',
    '_mimage',
    '_pmspare',
    '_rimage',
    '_rmeta',
    '_tdata',
    '_tmeta',
    '_vorigin',
  ].find((it) => name.includes(it));
  if (inside !== undefined)
    return usage(tool, `Names including "${inside}" are reserved. Please choose a different LV name.`);
  if (findVolume(model, vg, name) !== undefined)
    return fail(5, `  Logical Volume "${name}" already exists in volume group "${vg}"`);
  return undefined;
}

/** The warnings about thin volumes that could outgrow their pool: one line on stderr, two on stdout, as recorded. `pool`: of the volume at hand, if thin. */
export function overprovisioning(
  model: HostModel,
  group: Group,
  pool: Volume | undefined,
): { stdout: string; stderr: string } {
  const pools = model.volumes.filter((it) => it.vg === group.name && it.kind === 'thin-pool');
  const sum = (list: readonly Volume[]) => list.reduce((total, it) => total + it.sizeBytes, 0);
  if (pool !== undefined && sum(drawingFrom(model, pool)) <= pool.sizeBytes) return { stdout: '', stderr: '' };
  const thin = sum(pools.flatMap((it) => drawingFrom(model, it)));
  const all = sum(pools);
  if (thin <= all) return { stdout: '', stderr: '' };
  const size = group.extents * group.extentBytes;
  const free = freeExtents(model, group) * group.extentBytes;
  const of = pools.length > 1 || pool === undefined ? 's' : ` ${group.name}/${pool.name}`;
  let where = '';
  let shown = all;
  if (size < thin) [where, shown] = [' and the size of whole volume group', size];
  else if (free < thin) [where, shown] = [free === 0 ? '' : ' and the amount of free space in volume group', free];
  const amount = shown === 0 ? 'no free space in volume group' : showSize(shown);
  return {
    stdout:
      '  WARNING: You have not turned on protection against thin pools running out of space.\n' +
      '  WARNING: Set activation/thin_pool_autoextend_threshold below 100 to trigger automatic extension of thin pools before they get full.\n',
    stderr: `  WARNING: Sum of all thin volume sizes (${showSize(thin)}) exceeds the size of thin pool${of}${where} (${amount}).\n`,
  };
}
