/** virt-install's own opinion of a domain: asked once for each OS and host, then filled in for each VM. */
import type { Command } from '../../domain/command.ts';
import type { TemplateSpec } from '../../operations/driver.ts';

const MIB = 1024 * 1024;

/**
 * `--dry-run` besides `--print-xml`, for the latter alone creates storage; no disk and no network, for they are each VM's own.
 * `--print-xml 1`: only the first step, where an installer would have several documents.
 */
export function templateCommand(uri: string, { osinfo, vcpus, memoryBytes }: TemplateSpec): Command {
  const words = {
    connect: uri,
    name: 'hostler-template',
    memory: String(Math.ceil(memoryBytes / MIB)),
    vcpus: String(vcpus),
    'virt-type': 'kvm',
    osinfo: `name=${osinfo}`,
    disk: 'none',
    network: 'none',
    graphics: 'vnc',
    boot: 'hd',
  };
  const options = Object.entries(words).flatMap(([option, value]) => [`--${option}`, value]);
  return {
    argv: ['virt-install', ...options, '--import', '--noautoconsole', '--dry-run', '--print-xml', '1'],
    limit: 'slow',
  };
}
