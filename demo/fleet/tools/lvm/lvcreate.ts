import type { Group, HostModel, Volume } from '../../model/host-model.ts';
import { findGroup, findVolume, freeExtents, isPoolFull, LEFTOVERS } from '../../model/lvm.ts';
import { mintLvmUuid } from '../../model/mint.ts';
import { has, last, type Parsed, parseOptions } from '../options.ts';
import { fail, ok, type ToolCall, type ToolResult, unknown } from '../tool.ts';
import { asRoot, badOption, COMMON, nameProblem, noGroup, overprovisioning, splitName, usage } from './common.ts';
import { readSize } from './sizes.ts';

const TABLE = {
  ...COMMON,
  '-n': { as: '--name' },
  '--name': 'value',
  '-L': { as: '--size' },
  '--size': 'value',
  '-l': { as: '--extents' },
  '--extents': 'value',
  '-V': { as: '--virtualsize' },
  '--virtualsize': 'value',
  '-T': { as: '--thin' },
  '--thin': 'flag',
  '--thinpool': 'value',
  '--type': 'value',
  '-s': { as: '--snapshot' },
  '--snapshot': 'flag',
  '-k': { as: '--setactivationskip' },
  '--setactivationskip': 'value',
  '-a': { as: '--activate' },
  '--activate': 'value',
  '-W': { as: '--wipesignatures' },
  '--wipesignatures': 'value',
  '-Z': { as: '--zero' },
  '--zero': 'value',
  '-p': { as: '--permission' },
  '--permission': 'value',
  '--addtag': 'value',
  '--errorwhenfull': 'value',
  '-c': { as: '--chunksize' },
  '--chunksize': 'value',
  '--poolmetadatasize': 'value',
} as const;

/** A new volume of each kind: thick, thin, pool, snapshot of either. */
export function lvcreate(call: ToolCall): ToolResult {
  const parsed = parseOptions(call.args, TABLE);
  const early = asRoot('lvcreate', call) ?? badOption('lvcreate', parsed);
  if (early !== undefined) return early;
  if (has(parsed, '--snapshot')) return snapshot(call, parsed);
  const type = last(parsed, '--type');
  if (type === 'thin-pool') return pool(call, parsed);
  if (has(parsed, '--virtualsize')) return thin(call, parsed);
  if (has(parsed, '--size') || has(parsed, '--extents')) return thick(call, parsed);
  return usage('lvcreate', 'No command with matching syntax recognised.');
}

interface Wanted {
  readonly group: Group;
  readonly name: string;
  readonly sizeBytes: number;
  readonly kind: Volume['kind'];
}

function make(call: ToolCall, parsed: Parsed, wanted: Wanted & Partial<Volume>): Volume {
  const { group, ...given } = wanted;
  const skip = last(parsed, '--setactivationskip');
  const snapshot = wanted.kind === 'thin' && (wanted.origin ?? null) !== null;
  const skipActivation = snapshot ? skip !== 'n' : skip === 'y';
  const volume: Volume = {
    vg: group.name,
    uuid: mintLvmUuid(call.model),
    pool: null,
    origin: null,
    tags: [...(parsed.options.get('--addtag') ?? [])].sort(),
    active: !call.half && !skipActivation && last(parsed, '--activate') !== 'n',
    skipActivation,
    createdAt: call.now,
    mappedBytes: 0,
    ownBytes: 0,
    metadataPercent: 0,
    content: 'zero',
    whenFull: last(parsed, '--errorwhenfull') === 'y' ? 'error' : 'queue',
    ...given,
  };
  call.model.volumes.push(volume);
  return volume;
}

function created(model: HostModel, group: Group, volume: Volume, before = ''): ToolResult {
  const poolVolume =
    volume.kind === 'thin-pool'
      ? volume
      : volume.pool === null
        ? undefined
        : findVolume(model, group.name, volume.pool);
  const warn = overprovisioning(model, group, poolVolume);
  return ok(`${before}${warn.stdout}  Logical volume "${volume.name}" created.\n`, warn.stderr);
}

/** Bytes in whole extents, and the line that says so where they weren't. */
function whole(group: Group, bytes: number): { bytes: number; said: string } {
  const rounded = Math.ceil(bytes / group.extentBytes) * group.extentBytes;
  if (rounded === bytes) return { bytes, said: '' };
  const shown =
    rounded >= 1024 ** 3 ? `${(rounded / 1024 ** 3).toFixed(2)} GiB` : `${(rounded / 1024 ** 2).toFixed(2)} MiB`;
  return { bytes: rounded, said: `  Rounding up size to full physical extent ${shown}\n` };
}

function nameOf(call: ToolCall, parsed: Parsed): string {
  const given = last(parsed, '--name');
  if (given !== undefined) return splitName(given)?.lv ?? given;
  let number = 0;
  while (call.model.volumes.some((it) => it.name === `lvol${number}`)) number += 1;
  return `lvol${number}`;
}

function thin(call: ToolCall, parsed: Parsed): ToolResult {
  const target = parsed.rest[0] ?? '';
  const poolOption = last(parsed, '--thinpool');
  const at = splitName(poolOption ?? target) ?? { vg: target, lv: poolOption ?? '' };
  const size = readSize(last(parsed, '--virtualsize') ?? '');
  if (size === undefined)
    return usage('lvcreate', `Invalid argument for --virtualsize: ${last(parsed, '--virtualsize')}`);
  const odd = oddSize('--virtualsize', last(parsed, '--virtualsize') ?? '', size);
  if (odd !== undefined) return odd;
  if (size === 0) return usage('lvcreate', '--virtualsize may not be zero.');
  const group = findGroup(call.model, at.vg);
  if (group === undefined) return noGroup(at.vg);
  const name = nameOf(call, parsed);
  const poolVolume = findVolume(call.model, at.vg, at.lv);
  const badName = nameProblem('lvcreate', call.model, at.vg, name);
  if (badName?.exit === 3) return badName;
  if (poolVolume === undefined) return fail(5, `  Pool ${at.lv} not found in Volume group ${at.vg}.`);
  if (badName !== undefined) return badName;
  if (isPoolFull(call.model, poolVolume)) return outOfSpace(poolVolume);
  const { bytes, said } = whole(group, size);
  const volume = make(call, parsed, { group, name, sizeBytes: bytes, kind: 'thin', pool: poolVolume.name });
  return created(call.model, group, volume, said);
}

function outOfSpace(pool: Volume): ToolResult {
  return fail(
    5,
    `  WARNING: Thin pool ${pool.vg}/${pool.name} is out of data space.\n` +
      `  Cannot create new thin volume, free space in thin pool ${pool.vg}/${pool.name} reached threshold.`,
  );
}

function sized(call: ToolCall, parsed: Parsed, group: Group): { bytes: number; said: string } | ToolResult {
  const extents = last(parsed, '--extents');
  const free = freeExtents(call.model, group);
  const share = /^(\d+)%FREE$/i.exec(extents ?? '');
  if (extents !== undefined) {
    const count = share === null ? Number(extents) : Math.floor((free * Number(share[1])) / 100);
    return { bytes: count * group.extentBytes, said: '' };
  }
  const size = readSize(last(parsed, '--size') ?? '');
  if (size === undefined) return usage('lvcreate', `Invalid argument for --size: ${last(parsed, '--size')}`);
  return oddSize('--size', last(parsed, '--size') ?? '', size) ?? whole(group, size);
}

/** LVM takes whole sectors only. */
function oddSize(option: string, text: string, bytes: number): ToolResult | undefined {
  const below = Math.floor(bytes / 512) * 512;
  if (below === bytes) return undefined;
  return fail(
    3,
    `  Size is not a multiple of 512. Try using ${below} or ${below + 512}.\n` +
      `  Invalid argument for ${option}: ${text}\n  Error during parsing of command line.`,
  );
}

function noRoom(call: ToolCall, group: Group, bytes: number): ToolResult | undefined {
  const [free, needed] = [freeExtents(call.model, group), bytes / group.extentBytes];
  if (needed <= free) return undefined;
  return fail(5, `  Volume group "${group.name}" has insufficient free space (${free} extents): ${needed} required.`);
}

function thick(call: ToolCall, parsed: Parsed): ToolResult {
  const vg = parsed.rest[0] ?? splitName(last(parsed, '--name') ?? '')?.vg ?? '';
  const name = nameOf(call, parsed);
  const badName = nameProblem('lvcreate', call.model, vg, name);
  if (badName?.exit === 3) return badName;
  const group = findGroup(call.model, vg);
  if (group === undefined) return noGroup(vg);
  if (badName !== undefined) return badName;
  const size = sized(call, parsed, group);
  if ('exit' in size) return size;
  const full = noRoom(call, group, size.bytes);
  if (full !== undefined) return full;
  return created(
    call.model,
    group,
    make(call, parsed, { group, name, sizeBytes: size.bytes, kind: 'thick', content: LEFTOVERS }),
    size.said,
  );
}

function pool(call: ToolCall, parsed: Parsed): ToolResult {
  const vg = parsed.rest[0] ?? '';
  const group = findGroup(call.model, vg);
  if (group === undefined) return noGroup(vg);
  const name = nameOf(call, parsed);
  const badName = nameProblem('lvcreate', call.model, vg, name);
  if (badName !== undefined) return badName;
  const size = sized(call, parsed, group);
  if ('exit' in size) return size;
  const full = noRoom(call, group, size.bytes);
  if (full !== undefined) return full;
  const volume = make(call, parsed, { group, name, sizeBytes: size.bytes, kind: 'thin-pool', metadataPercent: 10.8 });
  const said = '  Thin pool volume with chunk size 64.00 KiB can address at most <15.88 TiB of data.\n';
  return created(call.model, group, volume, said);
}

function snapshot(call: ToolCall, parsed: Parsed): ToolResult {
  const at = splitName(parsed.rest[0] ?? '');
  if (at === undefined) return unknown('lvcreate -s without VG/LV', 3, "  Run `lvcreate --help' for more information.");
  const group = findGroup(call.model, at.vg);
  if (group === undefined) return noGroup(at.vg);
  const name = nameOf(call, parsed);
  const badName = nameProblem('lvcreate', call.model, at.vg, name);
  if (badName?.exit === 3) return badName;
  const origin = findVolume(call.model, at.vg, at.lv);
  if (origin === undefined) return fail(5, `  Snapshot origin LV ${at.lv} not found in Volume group ${at.vg}.`);
  if (badName !== undefined) return badName;
  if (origin.kind !== 'thin') {
    if (!has(parsed, '--size') && !has(parsed, '--extents'))
      return fail(5, '  Please specify either size or extents with snapshots.');
    const size = sized(call, parsed, group);
    if ('exit' in size) return size;
    const full = noRoom(call, group, size.bytes);
    if (full !== undefined) return full;
    const volume = make(call, parsed, {
      group,
      name,
      sizeBytes: size.bytes,
      kind: 'thick-snapshot',
      origin: origin.uuid,
      content: origin.content,
    });
    return created(call.model, group, volume, size.said);
  }
  const poolVolume = findVolume(call.model, at.vg, origin.pool ?? '');
  if (poolVolume !== undefined && isPoolFull(call.model, poolVolume)) return outOfSpace(poolVolume);
  const { sizeBytes, mappedBytes, content } = origin;
  const volume = make(call, parsed, {
    group,
    name,
    sizeBytes,
    kind: 'thin',
    pool: origin.pool,
    origin: origin.uuid,
    mappedBytes,
    content,
  });
  return created(call.model, group, volume);
}
