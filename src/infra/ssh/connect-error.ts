/** Why a host could not be reached, in words for people, with what to do. */
import { BotError } from '../../domain/error.ts';
import { readPin } from './host-key.ts';
import type { Endpoint } from './types.ts';

/** The host showed a key that is not pinned: another machine, a reinstalled one, or somebody in between. */
export class HostKeyChanged extends Error {
  override readonly name = 'HostKeyChanged';
  readonly expected: readonly string[];
  /** The type of the key shown. */
  readonly type: string;
  readonly got: string;

  constructor(pins: readonly string[], type: string, got: string) {
    const expected = pins.map((pin) => readPin(pin).fingerprint);
    super(`host key changed: expected ${expected.join(' or ')}, got ${got} (${type || 'no key of a pinned type'})`);
    this.expected = expected;
    this.type = type;
    this.got = got;
  }
}

const KEY_HINT =
  'Compare with `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` on its console; if the host was reinstalled, put the new key into `host_keys`. Until then nothing is sent to it.';

/** ssh2 and system messages, and what to do about each. */
const HINTS: readonly (readonly [RegExp, string])[] = [
  [/ECONNREFUSED/, 'Nothing listens there: is sshd running, and is `port` right?'],
  [
    /ETIMEDOUT|Timed out|EHOSTUNREACH|ENETUNREACH/,
    'No answer from there: is the host up, and does the network let us through?',
  ],
  [/ENOTFOUND|EAI_AGAIN/, 'The name can not be resolved: check `address`.'],
  [
    /authentication methods failed/,
    "The host takes none of our keys: put Hostler's public key into `~/.ssh/authorized_keys` of that user.",
  ],
  [/no matching/i, 'The host and Hostler have no algorithm in common: update its sshd.'],
  [
    /closed before|ECONNRESET|Connection lost/,
    'sshd hung up before the login: look at its log; `MaxStartups` may be too low.',
  ],
];

/** `host_unreachable`: nothing ran. A BotError stays as it is. */
export function connectError(host: string, endpoint: Endpoint, cause: unknown): BotError {
  if (cause instanceof BotError) return cause;
  // The pinned type alone is offered, so a host that has no such key any more ends the handshake instead of showing another.
  const gone = cause instanceof Error && /no matching host key/i.test(cause.message);
  const error = gone ? new HostKeyChanged(endpoint.hostKeys, '', 'none') : cause;
  const why = error instanceof Error ? error.message : String(error);
  const where = `${endpoint.user}@${endpoint.address}:${endpoint.port}`;
  const hint = error instanceof HostKeyChanged ? KEY_HINT : HINTS.find(([pattern]) => pattern.test(why))?.[1];
  return new BotError('host_unreachable', `Host ${host} can't be reached (${where}): ${why}`, { hint, cause: error });
}

/** The jump host can be reached, and what lies behind it can't. */
export function forwardError(to: Endpoint, why: string): BotError {
  return new BotError('host_unreachable', `it opens no way to ${to.address}:${to.port}: ${why}`, {
    hint: 'On the jump host look whether `AllowTcpForwarding` is on, and whether the address is right as seen from there.',
  });
}
