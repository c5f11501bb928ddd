/** lvextend, lvrename, lvremove, lvchange: changes of volumes that are there. */
import type { Group, HostModel, Volume } from '../../model/host-model.ts';
import {
  drawingFrom,
  dropVolume,
  findGroup,
  findVolume,
  freeExtents,
  isOpen,
  metadataBytes,
  resizeMetadata,
  withLeftovers,
} from '../../model/lvm.ts';
import { has, last, parseOptions } from '../options.ts';
import { fail, ok, type ToolCall, type ToolResult, unknown } from '../tool.ts';
import { asRoot, badOption, COMMON, lookUp, nameProblem, noGroup, overprovisioning, splitName } from './common.ts';
import { selects } from './select.ts';
import { readSize, showSize } from './sizes.ts';

const EXTEND = {
  ...COMMON,
  '-L': { as: '--size' },
  '--size': 'value',
  '-l': { as: '--extents' },
  '--extents': 'value',
  '--poolmetadatasize': 'value',
  '-r': { as: '--resizefs' },
  '--resizefs': 'flag',
} as const;

export function lvextend(call: ToolCall): ToolResult {
  const parsed = parseOptions(call.args, EXTEND);
  const early = asRoot('lvextend', call) ?? badOption('lvextend', parsed);
  if (early !== undefined) return early;
  const found = lookUp(call.model, parsed.rest[0] ?? '');
  if ('exit' in found) return lacking(call.model, parsed.rest[0] ?? '', found);
  const { volume, group } = found;
  const metadata = last(parsed, '--poolmetadatasize');
  if (metadata !== undefined) return extendMetadata(call.model, volume, group, metadata);
  const text = last(parsed, '--size') ?? '';
  const by = text.startsWith('+');
  const size = readSize(by ? text.slice(1) : text);
  if (size === undefined || has(parsed, '--extents'))
    return unknown('lvextend without a size', 3, '  Please specify either size or extents.');
  const extents = (bytes: number) => Math.ceil(bytes / group.extentBytes);
  const [before, after] = [extents(volume.sizeBytes), extents(by ? volume.sizeBytes + size : size)];
  const name = `${volume.vg}/${volume.name}`;
  if (after === before) return fail(5, `  New size (${after} extents) matches existing size (${before} extents).`);
  if (after < before)
    return fail(5, `  New size given (${after} extents) not larger than existing size (${before} extents)`);
  if (has(parsed, '--resizefs'))
    return fail(
      5,
      `fsadm: Cannot get FSTYPE of "/dev/mapper/${group.name}-${volume.name}".\n  Filesystem check failed.`,
    );
  // A pool's metadata first, for as much data as it is to have: it stays so where the data then finds no room.
  const grown = volume.kind === 'thin-pool' ? growMetadata(call.model, volume, group, after) : { said: '' };
  if ('exit' in grown) return grown;
  const free = freeExtents(call.model, group);
  if (volume.kind !== 'thin' && after - before > free) {
    return fail(
      5,
      `  Insufficient free space: ${after - before} extents needed, but only ${free} available`,
      grown.said,
    );
  }
  const was = showSize(volume.sizeBytes);
  volume.sizeBytes = after * group.extentBytes;
  if (volume.kind === 'thick') volume.content = withLeftovers(volume.content);
  const shown = volume.kind === 'thin-pool' ? `${name}_tdata` : name;
  const pool = volume.kind === 'thin-pool' ? volume : findVolume(call.model, volume.vg, volume.pool ?? '');
  const warn = pool === undefined ? { stdout: '', stderr: '' } : overprovisioning(call.model, group, pool);
  return ok(
    `${grown.said}  Size of logical volume ${shown} changed from ${was} (${before} extents) to ${showSize(volume.sizeBytes)} (${after} extents).\n` +
      `${warn.stdout}  Logical volume ${name} successfully resized.\n`,
    warn.stderr,
  );
}

/** 64 bytes for each chunk of 64 KiB, in whole extents. */
function growMetadata(model: HostModel, pool: Volume, group: Group, extents: number): { said: string } | ToolResult {
  const had = metadataBytes(pool, group);
  const [before, after] = [had / group.extentBytes, Math.max(1, Math.ceil(extents / 1024))];
  // What follows from its size so far is that from now on, however large it gets.
  resizeMetadata(pool, group, had);
  if (after <= before) return { said: '' };
  const free = freeExtents(model, group);
  if (after - before > free)
    return fail(5, `  Insufficient free space: ${after - before} extents needed, but only ${free} available`);
  const to = after * group.extentBytes;
  resizeMetadata(pool, group, to);
  const rounded =
    extents % 1024 === 0 ? '' : `  Rounding size to boundary between physical extents: ${showSize(to)}.\n`;
  return { said: rounded + metadataChanged(pool, had, to, group) };
}

function metadataChanged({ vg, name }: Volume, from: number, to: number, { extentBytes }: Group): string {
  return `  Size of logical volume ${vg}/${name}_tmeta changed from ${showSize(from)} (${from / extentBytes} extents) to ${showSize(to)} (${to / extentBytes} extents).\n`;
}

/** A pool's metadata, to a size. */
function extendMetadata(model: HostModel, pool: Volume, group: Group, text: string): ToolResult {
  const size = /^\+/.test(text) ? undefined : readSize(text);
  if (pool.kind !== 'thin-pool' || size === undefined)
    return unknown(
      `lvextend --poolmetadatasize ${text} of a ${pool.kind}`,
      5,
      '  The simulator extends pools to a size.',
    );
  const bytes = metadataBytes(pool, group);
  const [before, after] = [bytes / group.extentBytes, Math.ceil(size / group.extentBytes)];
  const resized = `  Logical volume ${pool.vg}/${pool.name}_tmeta successfully resized.\n`;
  if (after === before)
    return ok(
      `  Size of logical volume ${pool.vg}/${pool.name}_tmeta unchanged from ${showSize(bytes)} (${before} extents).\n${resized}`,
    );
  if (after < before)
    return fail(5, `  New size given (${after} extents) not larger than existing size (${before} extents)`);
  const free = freeExtents(model, group);
  if (after - before > free)
    return fail(5, `  Insufficient free space: ${after - before} extents needed, but only ${free} available`);
  resizeMetadata(pool, group, after * group.extentBytes);
  return ok(metadataChanged(pool, bytes, after * group.extentBytes, group) + resized);
}

/** lvextend has its own words for a volume that isn't there. */
function lacking(model: HostModel, text: string, other: ToolResult): ToolResult {
  const name = splitName(text);
  if (name === undefined || findGroup(model, name.vg) === undefined) return other;
  return fail(5, `  Logical volume ${name.lv} not found in volume group ${name.vg}.`);
}

/** Renames open volumes too, as the real one does. */
export function lvrename(call: ToolCall): ToolResult {
  const parsed = parseOptions(call.args, COMMON);
  const early = asRoot('lvrename', call) ?? badOption('lvrename', parsed);
  if (early !== undefined) return early;
  const [first = '', second = '', third] = parsed.rest;
  const from = third === undefined ? splitName(first) : { vg: first, lv: splitName(second)?.lv ?? second };
  const target = third ?? second;
  const to = splitName(target)?.lv ?? target;
  if (from === undefined) return unknown('lvrename form', 3, "  Run `lvrename --help' for more information.");
  if (findGroup(call.model, from.vg) === undefined) return noGroup(from.vg);
  const problem = nameProblem('lvrename', call.model, from.vg, to);
  if (problem !== undefined) return problem;
  const volume = findVolume(call.model, from.vg, from.lv);
  if (volume === undefined)
    return fail(5, `  Existing logical volume "${from.lv}" not found in volume group "${from.vg}"`);
  if (volume.kind === 'thin-pool') return unknown('lvrename of a pool', 5, '  The simulator renames no pools.');
  volume.name = to;
  return ok(`  Renamed "${from.lv}" to "${to}" in volume group "${from.vg}"\n`);
}

export function lvremove(call: ToolCall): ToolResult {
  const parsed = parseOptions(call.args, COMMON);
  const early = asRoot('lvremove', call) ?? badOption('lvremove', parsed);
  if (early !== undefined) return early;
  const select = last(parsed, '--select');
  const found = chosen(call.model, parsed.rest, select);
  if ('exit' in found) return found;
  let [stdout, stderr, exit] = ['', found.stderr, found.stderr === '' ? 0 : 5];
  const list = call.half ? found.volumes.slice(0, Math.floor(found.volumes.length / 2)) : found.volumes;
  for (const volume of list) {
    if (!call.model.volumes.includes(volume)) continue;
    const one = remove(call.model, volume, has(parsed, '--yes'));
    stdout += one.stdout;
    stderr += one.stderr;
    exit = Math.max(exit, one.exit);
  }
  return { exit, stdout, stderr };
}

function remove(model: HostModel, volume: Volume, yes: boolean): ToolResult {
  const name = `${volume.vg}/${volume.name}`;
  const inside = drawingFrom(model, volume).filter(() => volume.kind === 'thin-pool');
  const busy = [volume, ...inside].find((it) => it.kind !== 'thin-pool' && isOpen(model, it));
  if (busy !== undefined) return fail(5, `  Logical volume ${busy.vg}/${busy.name} in use.`);
  if (!yes) {
    if (inside.length > 0) {
      return fail(
        5,
        `Removing pool ${name} will remove ${inside.length} dependent volume(s). Proceed? [y/n]: [n]\n  Logical volume ${name} not removed.`,
      );
    }
    if (volume.active)
      return fail(
        5,
        `Do you really want to remove active logical volume ${name}? [y/n]: [n]\n  Logical volume ${name} not removed.`,
      );
  }
  for (const it of [...inside, volume]) dropVolume(model, it);
  return ok([...inside, volume].map((it) => `  Logical volume "${it.name}" successfully removed.\n`).join(''));
}

/** The volumes that names and a selection mean: by name those that are there, and complaints about the others. */
function chosen(
  model: HostModel,
  names: readonly string[],
  select: string | undefined,
): { volumes: Volume[]; stderr: string } | ToolResult {
  const volumes: Volume[] = [];
  let stderr = '';
  for (const name of names) {
    if (splitName(name) === undefined && !name.startsWith('@')) {
      if (findGroup(model, name) === undefined) return noGroup(name);
      volumes.push(...model.volumes.filter((it) => it.vg === name));
      continue;
    }
    if (name.startsWith('@')) volumes.push(...model.volumes.filter((it) => it.tags.includes(name.slice(1))));
    else {
      const found = lookUp(model, name);
      if ('exit' in found) stderr += found.stderr;
      else volumes.push(found.volume);
    }
  }
  if (names.length === 0 && select !== undefined) volumes.push(...model.volumes);
  if (select === undefined) return { volumes, stderr };
  const matches = selects(model, select);
  if (typeof matches === 'string') return unknown(`selection ${select}`, 3, matches);
  return { volumes: volumes.filter(matches), stderr };
}

const CHANGE = {
  ...COMMON,
  '--addtag': 'value',
  '--deltag': 'value',
  '-a': { as: '--activate' },
  '--activate': 'value',
  '-K': { as: '--ignoreactivationskip' },
  '--ignoreactivationskip': 'flag',
  '-k': { as: '--setactivationskip' },
  '--setactivationskip': 'value',
} as const;

export function lvchange(call: ToolCall): ToolResult {
  const parsed = parseOptions(call.args, CHANGE);
  const early = asRoot('lvchange', call) ?? badOption('lvchange', parsed);
  if (early !== undefined) return early;
  const found = chosen(call.model, parsed.rest, last(parsed, '--select'));
  if ('exit' in found) return found;
  const [add, remove] = [parsed.options.get('--addtag') ?? [], parsed.options.get('--deltag') ?? []];
  const [activate, skip] = [last(parsed, '--activate'), last(parsed, '--setactivationskip')];
  let stdout = '';
  for (const volume of found.volumes) {
    if (activate === 'n' && isOpen(call.model, volume))
      return fail(5, `  Logical volume ${volume.vg}/${volume.name} in use.`, stdout);
    if (activate === 'n') volume.active = false;
    else if (activate !== undefined && (!volume.skipActivation || has(parsed, '--ignoreactivationskip')))
      volume.active = true;
    if (skip !== undefined) volume.skipActivation = skip === 'y';
    volume.tags = [...new Set([...volume.tags.filter((it) => !remove.includes(it)), ...add])].sort();
    if (add.length + remove.length > 0 || skip !== undefined)
      stdout += `  Logical volume ${volume.vg}/${volume.name} changed.\n`;
  }
  return { exit: found.stderr === '' ? 0 : 5, stdout, stderr: found.stderr };
}
