/** Who listens on a port of this machine, as far as Linux tells. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** `node server.js (process 4711)`; null where it can't be seen, as for another user's process. */
export function portOwner(port: number): string | null {
  const inode = listeningInode(port);
  if (inode === null) return null;
  for (const pid of entries('/proc').filter((name) => /^\d+$/.test(name))) {
    if (!entries(`/proc/${pid}/fd`).some((fd) => linkOf(`/proc/${pid}/fd/${fd}`) === `socket:[${inode}]`)) continue;
    const words = text(`/proc/${pid}/cmdline`).split('\0').join(' ').trim();
    return `${words.length > 80 ? `${words.slice(0, 79)}…` : words} (process ${pid})`;
  }
  return null;
}

const LISTEN = '0A';

function listeningInode(port: number): string | null {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  for (const file of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of text(file).split('\n').slice(1)) {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
      if (local?.endsWith(wanted) === true && state === LISTEN && inode !== undefined) return inode;
    }
  }
  return null;
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function text(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
