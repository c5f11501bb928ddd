/** Reading volume groups and volumes. As root, since LVM lets nobody else see them. */
import type { Command } from '../../domain/command.ts';
import type { GroupSeen, VolumeSeen } from '../../domain/inventory.ts';
import type { Ran } from '../../operations/ports.ts';
import { refused, unreadable } from '../answer.ts';
import {
  AttributeReport,
  GROUP_FIELDS,
  GroupReport,
  MINOR_FIELD,
  VOLUME_FIELDS,
  VolumeReport,
  WholeGroupReport,
} from './schema.ts';

export const REPORT = ['--reportformat', 'json', '--units', 'b', '--nosuffix', '-o'] as const;

/**
 * Volumes of the group, all or those that match the selection. A selection that matches nothing is an empty list and exit 0,
 * whereas a volume asked for by its path and not found is exit 5, as everything else that goes wrong.
 */
export function lvs(vg: string, options: LvsOptions = {}): Command {
  const { select, onFailure = 'stop' } = options;
  const selection = select === undefined ? [] : ['-S', select];
  return { argv: ['lvs', ...REPORT, VOLUME_FIELDS.join(','), ...selection, vg], sudo: true, limit: 'quick', onFailure };
}

interface LvsOptions {
  readonly select?: string;
  readonly onFailure?: 'stop' | 'go-on';
}

/** The letters that lvs(8) explains. */
export function lvsAttributes(vg: string, select: string): Command {
  return { argv: ['lvs', ...REPORT, 'lv_name,lv_attr', '-S', select, vg], sudo: true, limit: 'quick' };
}

/** The eighth letter: what a pool hands out is zeroed first. A pool that is not there gives nothing. */
export function readsZeros(answer: Ran): boolean {
  if (answer.exit !== 0) throw refused('Reading the pool', answer);
  const parsed = AttributeReport.safeParse(json(answer, 'Reading the pool'));
  if (!parsed.success) throw unreadable('Reading the pool', answer, parsed.error);
  return parsed.data.report[0].lv[0]?.lv_attr[7] === 'z';
}

export function vgs(vg: string): Command {
  return { argv: ['vgs', ...REPORT, GROUP_FIELDS.join(','), vg], sudo: true, limit: 'quick' };
}

/** The group, and all its volumes with their device-mapper numbers: one process instead of two. A group without volumes is no row. */
export function wholeGroup(vg: string): Command {
  // The group's name is among its volumes' fields too, and asked for twice it would be told twice.
  const fields = [...new Set([...GROUP_FIELDS, ...VOLUME_FIELDS, MINOR_FIELD])];
  return { argv: ['vgs', ...REPORT, fields.join(','), vg], sudo: true, limit: 'quick', onFailure: 'go-on' };
}

/** Exit code first: on error, stdout still holds valid JSON with an empty list. */
export function readVolumes(answer: Ran): readonly VolumeSeen[] {
  if (answer.exit !== 0) throw refused('Reading the volumes', answer);
  const parsed = VolumeReport.safeParse(json(answer, 'Reading the volumes'));
  if (!parsed.success) throw unreadable('Reading the volumes', answer, parsed.error);
  return parsed.data.report[0].lv;
}

export interface WholeGroup {
  /** Null where it has no volume: then nothing of it is told. */
  readonly group: GroupSeen | null;
  readonly volumes: readonly VolumeSeen[];
  /** The number of each in /proc/diskstats, null while it isn't active, and the pool that it draws from. */
  readonly minors: readonly { readonly pool: string | null; readonly minor: number | null }[];
}

export function readWholeGroup(answer: Ran): WholeGroup {
  const act = 'Reading the volume group';
  if (answer.exit !== 0) throw refused(act, answer);
  const parsed = WholeGroupReport.safeParse(json(answer, act));
  if (!parsed.success) throw unreadable(act, answer, parsed.error);
  return parsed.data.report[0].vg;
}

export function readGroups(answer: Ran): readonly GroupSeen[] {
  if (answer.exit !== 0) throw refused('Reading the volume groups', answer);
  const parsed = GroupReport.safeParse(json(answer, 'Reading the volume groups'));
  if (!parsed.success) throw unreadable('Reading the volume groups', answer, parsed.error);
  return parsed.data.report[0].vg;
}

/** WARNING lines may stand before the report, on stdout too. */
export function json(answer: Ran, act: string): unknown {
  try {
    return JSON.parse(answer.stdout.slice(Math.max(0, answer.stdout.search(/^\s*\{/m))));
  } catch (cause) {
    throw unreadable(act, answer, cause);
  }
}

/** A selection by name, by tag, or by both. Names and tags are ours, and hold no quote. */
export function selecting({ name, tag }: { readonly name?: string; readonly tag?: string }): string {
  const parts = [
    ...(name === undefined ? [] : [`lv_name="${plain(name)}"`]),
    ...(tag === undefined ? [] : [`lv_tags={"${plain(tag)}"}`]),
  ];
  if (parts.length === 0) throw new RangeError('a selection of nothing would be one of everything');
  return parts.join(' && ');
}

/** LVM's own alphabet of names and tags, less what means something in a selection. */
function plain(word: string): string {
  if (!/^[A-Za-z0-9_.+][A-Za-z0-9_.+-]*$/.test(word)) throw new RangeError(`not a name or tag of LVM: ${word}`);
  return word;
}
