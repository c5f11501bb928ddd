import { z } from 'zod';
import type { Observation } from '../../domain/inventory.ts';
import { roomOn } from '../../domain/placement.ts';
import type { Amounts } from '../../domain/plan.ts';
import { poolOf } from '../../domain/pool.ts';
import type { HostSettings } from '../../domain/settings.ts';
import { formatSize } from '../../domain/size.ts';
import { promisedOn } from '../candidates.ts';
import { refreshBriefly } from '../observe.ts';
import { defineRead } from '../spec.ts';
import type { HostRow } from '../store.ts';

export const hostList = defineRead({
  name: 'host.list',
  summary: 'List the hosts: state, VMs, promised and free room',
  input: z.strictObject({}),
  positional: [],
  permission: 'view',
  examples: ['/host list'],
  read: async (_input, context) => {
    const { rows, settings, clock } = context;
    await refreshBriefly(
      context,
      settings.hosts.map(({ name }) => name),
    );
    const hosts = settings.hosts.map((host) =>
      describe(host, rows.hosts.find(host.name), promisedOn(rows, host.name, ''), clock.now()),
    );
    const troubled = hosts.filter(({ trouble }) => trouble !== null);
    return {
      notice: {
        tone: troubled.length > 0 ? 'warn' : 'plain',
        title: `${hosts.length} ${hosts.length === 1 ? 'host' : 'hosts'}`,
        lines: troubled.map(({ name, trouble }) => `${name}: ${trouble}`),
        table: {
          columns: ['Host', 'State', 'VMs', 'vCPUs', 'Memory', 'Thin pool'],
          rows: hosts.map((host) => [
            host.name,
            host.state,
            String(host.promised.vms),
            `${host.promised.vcpus} promised of ${host.cpus ?? '?'}`,
            host.memoryBytes === null
              ? '?'
              : `${formatSize(host.promised.memoryBytes)} promised of ${formatSize(host.memoryBytes)}`,
            host.pool === null
              ? '?'
              : `${host.pool.dataPercent} % data, ${host.pool.metadataPercent} % metadata of ${formatSize(host.pool.sizeBytes)}`,
          ]),
          empty: 'No host is in the configuration.',
        },
      },
      json: hosts,
    };
  },
});

/** A host as scripts read it. */
function describe(host: HostSettings, row: HostRow | null, promised: Amounts, now: number) {
  const seen: Observation | null = row?.observation ?? null;
  const pool = seen === null ? undefined : poolOf(host, seen);
  // A sweep that nobody waited for to its end says nothing about the host.
  const unseen = row === null || (row.seenAt === null && row.trouble === null);
  const trouble = unseen ? 'has not answered yet' : row.trouble;
  return {
    name: host.name,
    state: unseen ? 'unknown' : trouble !== null ? 'offline' : host.state,
    trouble,
    seenSecondsAgo: row?.seenAt == null ? null : Math.round((now - row.seenAt) / 1000),
    cpus: seen?.cpus ?? null,
    memoryBytes: seen?.memoryBytes ?? null,
    memoryAvailableBytes: seen?.memoryAvailableBytes ?? null,
    load: seen?.load ?? null,
    libvirt: seen?.libvirt ?? null,
    promised,
    room: seen === null ? null : roomOn({ settings: host, promised }, seen),
    pool:
      pool === undefined
        ? null
        : { sizeBytes: pool.sizeBytes, dataPercent: pool.dataPercent, metadataPercent: pool.metadataPercent },
  };
}
