import { z } from 'zod';
import { BotError } from '../../domain/error.ts';
import { fullName } from '../../domain/vm.ts';
import { defineRead } from '../spec.ts';
import { liveVm } from '../vm-ref.ts';
import { VmField } from './common.ts';

/** VNC display N listens on TCP port 5900 + N (RFC 6143 §1, by convention of all servers). */
const VNC_BASE = 5900;

export const vmVnc = defineRead({
  name: 'vm.vnc',
  summary: 'Show how to reach a VM’s screen over VNC',
  details:
    'The screen listens on the host’s loopback only, so the way there is a tunnel: for people with an account on the host.',
  input: z.strictObject({ vm: VmField }),
  positional: ['vm'],
  permission: 'operate',
  examples: ['/vm vnc web-01'],
  read: async (input, { rows, settings, team, fleet, driver }) => {
    const vm = liveVm(rows, input.vm, team);
    const result = await fleet.run(vm.host, driver.domains.vncDisplay(vm.uuid));
    if (result.outcome !== 'done') throw result.error;
    const display = result.value;
    if (display === null) {
      throw new BotError('wrong_state', `${fullName(vm)} has no screen just now: it is off, or has no graphics`, {
        hint: `\`/vm start ${fullName(vm)}\` starts it.`,
      });
    }
    const port = VNC_BASE + Number(/:(\d+)$/.exec(display)?.[1] ?? 0);
    const ssh = settings.hosts.find(({ name }) => name === vm.host)?.ssh;
    const line = `ssh -N -p ${ssh?.port ?? 22} -L ${port}:127.0.0.1:${port} ${ssh?.login ?? vm.host}`;
    return {
      notice: {
        tone: 'plain',
        title: `Screen of ${fullName(vm)}`,
        lines: ['Open the tunnel, then point a VNC viewer at your own machine.'],
        code: { label: 'Tunnel, then viewer', text: `${line}\nvncviewer 127.0.0.1::${port}` },
      },
      json: { name: fullName(vm), display, port, tunnel: line },
    };
  },
});
