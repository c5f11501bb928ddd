// OpenSSH's client for the lab's own use, always with a pinned host key.
import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { attempt, type Finished } from './command.ts';

/** How to reach one user on one host. */
export type SshTarget = {
  readonly name: string;
  readonly port: number;
  readonly user: string;
  readonly keyFile: string;
  /** A known_hosts file that names the host by `name`. */
  readonly knownHosts: string;
};

/** The client's arguments up to and with the host. Nothing is read from the caller's own ssh configuration. */
export function sshArgs(target: SshTarget): string[] {
  const options = [
    'BatchMode=yes',
    'IdentitiesOnly=yes',
    'StrictHostKeyChecking=yes',
    `UserKnownHostsFile="${target.knownHosts}"`,
    'GlobalKnownHostsFile=/dev/null',
    `HostKeyAlias=${target.name}`,
    'ConnectTimeout=30',
    'ServerAliveInterval=15',
    'LogLevel=ERROR',
  ];
  const identity = ['-F', 'none', '-i', target.keyFile, '-p', String(target.port), '-l', target.user];
  return [...identity, ...options.flatMap((option) => ['-o', option]), '127.0.0.1'];
}

/** Runs a script on a host, handed over by stdin; whatever its exit code (255: ssh itself failed). */
export function sshScript(target: SshTarget, script: string, timeoutMs: number): Promise<Finished> {
  // Read whole before it runs, so that nothing in it can eat the rest as its own stdin.
  return attempt('ssh', [...sshArgs(target), 'exec bash -c "$(cat)" </dev/null'], { input: script, timeoutMs });
}

/** Hands the terminal to ssh: a shell, or a command as ssh takes it (words joined by spaces). Gives its exit code. */
export function sshInteractive(target: SshTarget, command: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn('ssh', [...sshArgs(target), ...command], { stdio: 'inherit' });
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 255));
  });
}

/** Whether an ssh server greets on this port of the loopback. QEMU accepts for a guest that doesn't listen yet. */
export function greets(port: number, timeoutMs = 3000): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const answer = (yes: boolean) => {
      socket.destroy();
      resolve(yes);
    };
    socket.setTimeout(timeoutMs, () => answer(false));
    socket.on('data', (data) => answer(data.toString('latin1').startsWith('SSH-')));
    socket.on('error', () => answer(false));
    socket.on('close', () => answer(false));
  });
}
