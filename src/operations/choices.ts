import { decide } from '../domain/access.ts';
import { fullBackupName } from '../domain/backup.ts';
import type { Settings } from '../domain/settings.ts';
import { formatSize } from '../domain/size.ts';
import { fullName } from '../domain/vm.ts';
import { mayOn } from './alert/common.ts';
import type { Service } from './service.ts';
import type { Rows } from './store.ts';
import { imagesOf } from './vm/flavor-of.ts';

/** What a field may be, for selects, type-ahead and completion. Only what the actor may see. */
export function choicesFrom(rows: Rows, settings: () => Settings): Service['choices'] {
  return ({ choices, actor, team }, text, most) => {
    const wanted = text.trim().toLowerCase();
    const all = options(choices);
    return all.filter(({ value, label }) => `${value} ${label}`.toLowerCase().includes(wanted)).slice(0, most);

    function options(from: string): { value: string; label: string }[] {
      const config = settings();
      const mine = config.teams.filter(({ name }) => decide(actor, 'view', name).allowed).map(({ name }) => name);
      const teams = team !== null && mine.includes(team) ? [team] : mine;
      switch (from) {
        case 'vm':
          return teams
            .flatMap((each) => rows.vms.list(each))
            .map((vm) => ({ value: fullName(vm), label: `${fullName(vm)} on ${vm.host}` }));
        case 'vm-trashed':
          return teams
            .flatMap((each) => rows.vms.trashed(each, null))
            .map((vm) => ({ value: fullName(vm), label: `${fullName(vm)} (in the trash)` }));
        case 'backup':
          return teams
            .flatMap((each) => rows.backups.list(each))
            .map((backup) => ({
              value: fullBackupName(backup),
              label: `${fullBackupName(backup)} (${new Date(backup.takenAt).toISOString().slice(0, 16).replace('T', ' ')} UTC)`,
            }));
        case 'drill':
          return teams
            .flatMap((each) => rows.drills.list(each))
            .map(({ id, team: of, vmName, verdict }) => ({ value: id, label: `${of}/${vmName}, ${verdict} (${id})` }));
        case 'image':
          return imagesOf(config, rows).map((image) => {
            const hosts = rows.images.list(image.name).filter(({ state }) => state === 'ready').length;
            return {
              value: image.name,
              label: `${image.name} (${image.osinfo}, on ${hosts} ${hosts === 1 ? 'host' : 'hosts'})`,
            };
          });
        case 'flavor':
          return config.flavors.map((flavor) => ({
            value: flavor.name,
            label: `${flavor.name} (${flavor.vcpus} vCPU, ${formatSize(flavor.memoryBytes)}, ${formatSize(flavor.diskBytes)} disk)`,
          }));
        case 'team':
          return mine.map((name) => ({ value: name, label: name }));
        case 'host':
          return config.hosts.map((host) => ({
            value: host.name,
            label: host.state === 'active' ? host.name : `${host.name} (cordoned)`,
          }));
        case 'network':
          return config.networks.map(({ name }) => ({ value: name, label: name }));
        case 'key':
          return rows.keys.of(actor.person).map(({ name }) => ({ value: name, label: name }));
        case 'operation':
          return rows.operations
            .recent({ team, vmId: null, limit: most })
            .map((row) => ({ value: row.id, label: row.plan.title }));
        case 'job':
          return [...new Map(rows.schedule.jobs().map((row) => [row.job, row.summary]))].map(([value, summary]) => ({
            value,
            label: `${value}: ${summary}`,
          }));
        case 'alert':
          return rows.incidents
            .since(Number.MAX_SAFE_INTEGER)
            .filter((incident) => mayOn(actor, incident.team))
            .map(({ id, title, team: of }) => ({ value: id, label: of === null ? title : `${title} (${of})` }));
        case 'person':
          return config.people.map(({ name }) => ({ value: name, label: name }));
        default:
          return [];
      }
    }
  };
}
