/** The probe verbs: is a guest alive, as its host sees it? */
import type { HostCall, Ran } from '../../operations/ports.ts';
import type { ProbeVerbs } from '../../operations/probe-verbs.ts';
import { answerTo, refused } from '../answer.ts';
import { agentPing } from '../libvirt/agent-ping.ts';
import type { Virsh } from '../libvirt/virsh.ts';

/** bash opens the connection itself, so that the host needs no other program. Address and port come as arguments. */
export const CONNECT = 'exec 3<>"/dev/tcp/$1/$2"';

/** Neither the program's own refusal nor the time limit is an answer of the guest. */
const NOT_STARTED = [125, 126, 127];

export function probeVerbs(virsh: Virsh): ProbeVerbs {
  return {
    ping: (address) => ({
      title: `Ping ${address}`,
      commands: [
        { argv: ['ping', '-n', '-q', '-c', '1', '-W', '2', '--', address], limit: 'quick', onFailure: 'go-on' },
      ],
      parse: (ran) => answersOr(ran, `Pinging ${address}`),
    }),
    port: (address, port) => ({
      title: `Connect to port ${port} of ${address}`,
      commands: [
        { argv: ['bash', '-c', CONNECT, 'hostler', address, String(port)], limit: 'quick', onFailure: 'go-on' },
      ],
      parse: (ran) => answersOr(ran, `Connecting to ${address}`),
    }),
    agent: (uuid): HostCall<boolean> => ({
      title: `Ask whether the agent of domain ${uuid} answers`,
      commands: [agentPing(virsh, uuid)],
      parse: (ran) => {
        const answer = answerTo(ran);
        if (/failed to connect to the hypervisor/.test(answer.stderr)) throw refused('Asking the guest agent', answer);
        return answer.exit === 0;
      },
    }),
  };
}

function answersOr(ran: readonly Ran[], act: string): boolean {
  const answer = answerTo(ran);
  if (answer.exit !== null && NOT_STARTED.includes(answer.exit)) throw refused(act, answer);
  return answer.exit === 0;
}
