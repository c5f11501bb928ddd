import { isDeepStrictEqual } from 'node:util';
import type { Config } from './types.ts';

export interface ConfigChanges {
  /** Why the new configuration can't take over; empty when it can. */
  readonly refused: readonly string[];
  /** What is different, a line each, for the admin channel. */
  readonly changes: readonly string[];
  /** What is different and counts only after a restart. */
  readonly afterRestart: readonly string[];
}

/** Compares the configuration in force with a new one. `teamsWithVms` and `hostsWithVms` still own some, deleted ones in the trash too. */
export function configChanges(
  old: Config,
  fresh: Config,
  teamsWithVms: readonly string[],
  hostsWithVms: readonly string[] = [],
): ConfigChanges {
  const refused = [
    ...dropped(old.settings.teams, fresh.settings.teams, teamsWithVms).map(
      (team) => `Team ${team} still owns VMs: delete and purge them before you drop it from the configuration.`,
    ),
    ...dropped(old.settings.hosts, fresh.settings.hosts, hostsWithVms).map(
      (host) =>
        `Host ${host} still carries VMs: delete and purge them before you drop it. To take no new ones, set its state to cordoned.`,
    ),
  ];
  const changes = [
    ...listChanges('host', withAccess(old), withAccess(fresh)),
    ...listChanges('network', old.settings.networks, fresh.settings.networks),
    ...listChanges('flavor', old.settings.flavors, fresh.settings.flavors),
    ...listChanges('image', old.settings.images, fresh.settings.images),
    ...listChanges('person', old.settings.people, fresh.settings.people),
    ...listChanges('team', old.settings.teams, fresh.settings.teams),
    ...different('approvals', old.settings.approvals, fresh.settings.approvals),
    ...different('alerts', old.settings.alerts, fresh.settings.alerts),
    ...different('alerts.webhooks', old.webhooks, fresh.webhooks),
    ...different('slo', old.settings.slo, fresh.settings.slo),
    ...different('cli', old.settings.cli, fresh.settings.cli),
    ...different('times', times(old), times(fresh)),
    ...different('channels', old.settings.channels, fresh.settings.channels),
    ...different('placement', old.settings.placement, fresh.settings.placement),
    ...different('headroom', old.settings.headroom, fresh.settings.headroom),
    ...different('min_memory', old.settings.minMemoryBytes, fresh.settings.minMemoryBytes),
    ...different('timezone', old.settings.timezone, fresh.settings.timezone),
    ...different('log_level', old.logLevel, fresh.logLevel),
  ];
  const afterRestart = [
    ...different('state_dir', old.stateDir, fresh.stateDir),
    ...different('slack', old.slack, fresh.slack),
    ...different('metrics', old.metrics, fresh.metrics),
  ];
  return { refused, changes, afterRestart };
}

interface Named {
  readonly name: string;
}

function dropped(old: readonly Named[], fresh: readonly Named[], owners: readonly string[]): string[] {
  return old
    .map(({ name }) => name)
    .filter((name) => owners.includes(name) && !fresh.some((each) => each.name === name));
}

function listChanges(what: string, old: readonly Named[], fresh: readonly Named[]): string[] {
  const lines: string[] = [];
  for (const each of fresh) {
    const before = old.find(({ name }) => name === each.name);
    if (before === undefined) lines.push(`${what} ${each.name} is new`);
    else if (!isDeepStrictEqual(before, each)) lines.push(`${what} ${each.name} has changed`);
  }
  for (const { name } of old) if (!fresh.some((each) => each.name === name)) lines.push(`${what} ${name} is gone`);
  return lines;
}

function different(key: string, old: unknown, fresh: unknown): string[] {
  return isDeepStrictEqual(old, fresh) ? [] : [`${key} has changed`];
}

function withAccess(config: Config): (Named & { readonly access: unknown })[] {
  return config.settings.hosts.map((host) => ({
    ...host,
    access: config.hosts.find(({ name }) => name === host.name),
  }));
}

function times({ settings }: Config): unknown {
  return [settings.planValidMs, settings.trashMs, settings.shutdownMs, settings.addressMs, settings.unknownMs];
}
