import type { Command } from '../../domain/command.ts';

/** An answer that says no (404) is a failure; a way that began with TLS never leaves it. The address is the configuration's. */
export function curl(url: string, options: readonly string[]): Command['argv'] {
  const redirects = url.startsWith('https:') ? '=https' : '=http,https';
  return ['curl', '-fsSL', '--proto', '=http,https', '--proto-redir', redirects, ...options, '--url', url];
}

/** curl's exit codes, those that a download may well meet. */
const EXITS: ReadonlyMap<number, string> = new Map([
  [5, 'the proxy’s name is not known'],
  [6, 'the name of its server is not known'],
  [7, 'its server does not take connections'],
  [18, 'it came only in part'],
  [22, 'its server says that there is no such file, or that we may not have it'],
  [23, 'it could not be written: the disk may be full'],
  [28, 'it took too long'],
  [35, 'no safe connection came about'],
  [47, 'its server sends from address to address'],
  [56, 'the connection broke'],
  [60, 'its server’s certificate is not trusted'],
  [124, 'it took longer than `limits.long` allows'],
]);

/** Null where the code tells people nothing. */
export function whyCurlFailed(exit: number | null): string | null {
  return exit === null ? null : (EXITS.get(exit) ?? `curl ended with ${exit}`);
}
