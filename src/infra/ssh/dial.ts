/** Makes one connection: pinned key, our keys, keepalive. Gives a logged-in ssh2 client. */
import { readFile } from 'node:fs/promises';
import type { Duplex } from 'node:stream';
import ssh2, { type AnyAuthMethod, type Client } from 'ssh2';
import { BotError } from '../../domain/error.ts';
import { connectError, HostKeyChanged } from './connect-error.ts';
import { fingerprint, isPinned, keyType, offeredAlgorithms } from './host-key.ts';
import type { Endpoint, SshSettings } from './types.ts';

/** One login on a host, and what is to be done once when it is gone. */
export interface Way {
  /** The host's name, for messages. */
  readonly host: string;
  readonly endpoint: Endpoint;
  readonly settings: SshSettings;
  /** Opens the stream to it, where the way leads through a jump host. */
  readonly openStream?: (() => Promise<Duplex>) | undefined;
  /** Called once after a login, when the connection is gone, with why. */
  readonly onGone: (reason: string) => void;
}

/** Connects and logs in. Throws BotError `host_unreachable`; its cause is HostKeyChanged when another key was shown. */
export async function dial(way: Way): Promise<Client> {
  try {
    return await login(way);
  } catch (cause) {
    throw connectError(way.host, way.endpoint, cause);
  }
}

async function login(way: Way): Promise<Client> {
  const { hostKeys } = way.endpoint;
  const methods = await authMethods(way.host, way.endpoint);
  const refused: string[] = [];
  let first: HostKeyChanged | undefined;
  for (;;) {
    const offer = offeredAlgorithms(hostKeys, refused);
    if (offer.length === 0) throw first ?? new Error('no host key is pinned');
    const stream = await way.openStream?.();
    try {
      return await attempt(way, methods, offer, stream);
    } catch (cause) {
      stream?.destroy();
      // A fingerprint doesn't tell its type, and the host chose among its keys: it may hold the right one as well.
      const tryOthers = cause instanceof HostKeyChanged && hostKeys.some((pin) => pin.startsWith('SHA256:'));
      if (!tryOthers) throw first ?? cause;
      first ??= cause;
      refused.push(cause.type);
    }
  }
}

function attempt(
  { endpoint, settings, onGone }: Way,
  methods: AnyAuthMethod[],
  serverHostKey: ReturnType<typeof offeredAlgorithms>,
  sock: Duplex | undefined,
): Promise<Client> {
  const client = new ssh2.Client();
  return new Promise((resolve, reject) => {
    let failure: Error | undefined;
    let ready = false;
    client.on('ready', () => {
      ready = true;
      // Calls are many small packets: Nagle's wait for the host's delayed ACK would cost some 40 ms each.
      client.setNoDelay(true);
      resolve(client);
    });
    client.on('error', (error) => {
      failure ??= error;
      reject(failure);
      client.destroy();
    });
    client.on('close', () => {
      if (ready) onGone(failure?.message ?? 'the connection was closed');
      else reject(failure ?? new Error('the connection was closed before the login'));
    });
    client.connect({
      ...(sock === undefined ? { host: endpoint.address, port: endpoint.port } : { sock }),
      username: endpoint.user,
      authHandler: methods,
      readyTimeout: settings.connectTimeout,
      keepaliveInterval: settings.keepaliveInterval,
      keepaliveCountMax: settings.keepaliveCount,
      algorithms: { serverHostKey },
      hostVerifier: (key: Buffer) => {
        if (isPinned(key, endpoint.hostKeys)) return true;
        failure = new HostKeyChanged(endpoint.hostKeys, keyType(key), fingerprint(key));
        return false;
      },
    });
  });
}

async function authMethods(host: string, endpoint: Endpoint): Promise<AnyAuthMethod[]> {
  const { user: username, passphrase } = endpoint;
  const methods: AnyAuthMethod[] = [];
  for (const file of endpoint.identityFiles ?? []) {
    const key = await readFile(file).catch((cause: unknown) => {
      throw unreadable(host, file, 'it can not be read', cause);
    });
    const parsed = ssh2.utils.parseKey(key, passphrase);
    if (parsed instanceof Error) throw unreadable(host, file, parsed.message, parsed);
    methods.push({ type: 'publickey', username, key, ...(passphrase === undefined ? {} : { passphrase }) });
  }
  const agent = endpoint.agent === true ? process.env.SSH_AUTH_SOCK : endpoint.agent || undefined;
  if (endpoint.agent === true && agent === undefined) {
    throw new BotError('host_unreachable', `Host ${host} can't be reached: the ssh-agent is not there`, {
      hint: 'SSH_AUTH_SOCK is not set for Hostler: start an agent, or name its socket in `agent`.',
    });
  }
  if (agent !== undefined) methods.push({ type: 'agent', username, agent });
  return methods;
}

function unreadable(host: string, file: string, why: string, cause: unknown): BotError {
  return new BotError('host_unreachable', `Host ${host} can't be reached: identity file ${file}: ${why}`, {
    hint: 'Hostler needs a private key in OpenSSH form that its own user can read, and its passphrase where it has one.',
    cause,
  });
}
