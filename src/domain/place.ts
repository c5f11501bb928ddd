/**
 * Where a backup's file lies: a path of the hosts, or one of another machine that they reach over SSH, which is written as
 * `ssh://user@address:port/path`. So one text says it, in rows, plans and messages alike.
 */

/** The machine at the other end. */
export interface Remote {
  readonly user: string;
  /** A name or an address. */
  readonly address: string;
  readonly port: number;
}

export interface Place {
  /** Null for the host's own. */
  readonly remote: Remote | null;
  /** Absolute, on whichever it is. */
  readonly path: string;
}

const SSH = /^ssh:\/\/([a-z_][a-z0-9_-]*)@(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+)):(\d+)(\/.*)$/;

export function readPlace(text: string): Place {
  const [, user, v6, name, port, path] = SSH.exec(text) ?? [];
  const address = v6 ?? name;
  if (user === undefined || address === undefined || path === undefined) return { remote: null, path: text };
  return { remote: { user, address, port: Number(port) }, path };
}

export function writePlace({ remote, path }: Place): string {
  if (remote === null) return path;
  const { user, address, port } = remote;
  return `ssh://${user}@${address.includes(':') ? `[${address}]` : address}:${port}${path}`;
}

/** The last part of it. */
export function nameAt(text: string): string {
  return text.slice(text.lastIndexOf('/') + 1);
}
