import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

const nameOf = (host: string): string => host.replace(/:\d+$/, '').toLowerCase();

/** Names under which no stranger's page can reach this machine: a name of the stranger's own could be made to lead here. */
const isOurs = (name: string, listening: string): boolean =>
  name === 'localhost' || name.endsWith('.localhost') || name === listening || isIP(name.replace(/^\[|\]$/g, '')) > 0;

/**
 * Why a request isn't taken: another site's page may not look at the workspace or act in it, neither directly (Origin)
 * nor by a name that leads to this address (Host). Undefined where it may come in.
 */
export const refusal = ({ headers }: IncomingMessage, listening: string): string | undefined => {
  const { host = '', origin } = headers;
  if (!isOurs(nameOf(host), listening)) return `Host ${host} is not this server's`;
  if (origin !== undefined && origin !== `http://${host}`) return `Origin ${origin} is not this page's`;
  if (headers['sec-fetch-site'] === 'cross-site' && headers['sec-fetch-mode'] !== 'navigate') {
    return 'the request comes from another site';
  }
  return undefined;
};
