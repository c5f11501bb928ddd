import type { Vm } from '../../src/domain/vm.ts';

/** A live VM's row alone, the n-th of its test: no host knows of it. */
export function vmRow(n: number, change: Partial<Vm> = {}): Vm {
  const { team = 'team-01', name = `web-${n}` } = change;
  return {
    id: `vm_${String(n).padStart(26, '0')}`,
    uuid: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
    team,
    name,
    domainName: `${team}-${name}`,
    host: 'kvm-1',
    life: 'live',
    vcpus: 1,
    memoryBytes: 1,
    flavor: 'small',
    image: null,
    login: null,
    network: 'default',
    mac: `52:54:00${n.toString(16).padStart(6, '0').replaceAll(/../g, ':$&')}`,
    address: null,
    disks: [],
    seed: null,
    autostart: false,
    xml: null,
    createdBy: '01-dev1',
    createdAt: 0,
    trashedAt: null,
    seen: null,
    ...change,
  };
}
