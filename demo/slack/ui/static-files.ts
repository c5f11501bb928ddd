import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { extname, resolve, sep } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.mp3': 'audio/mpeg',
  '.txt': 'text/plain; charset=utf-8',
};

/** Own scripts only; images also from elsewhere, as messages may name them. */
const policy = (host: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob: https:",
    "font-src 'self' data:",
    "media-src 'self' data:",
    `connect-src 'self' ws://${host}`,
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

const NOT_BUILT = `<!doctype html><title>Chat server</title><p>The page is not built. Run <code>npm run build</code>.</p>`;

const isMissing = (cause: unknown): boolean =>
  cause instanceof Error && 'code' in cause && ['ENOENT', 'EISDIR', 'ENOTDIR'].includes(String(cause.code));

/** The file that a path of an address names in a folder; undefined where it would lead out of it. */
const fileInside = (folder: string, pathname: string): string | undefined => {
  let path: string;
  try {
    path = decodeURIComponent(pathname);
  } catch {
    return undefined;
  }
  if (path.includes('\0') || path.includes('\\')) return undefined;
  const root = resolve(folder);
  const file = resolve(root, `.${path.endsWith('/') ? `${path}index.html` : path}`);
  return file.startsWith(`${root}${sep}`) ? file : undefined;
};

/** Answers with a file of the page. Names with a hash in them never change and are kept; the others are asked for anew. */
export const serveStatic = async (
  { folder, pathname, host, isHead }: { folder: string; pathname: string; host: string; isHead: boolean },
  response: ServerResponse,
): Promise<void> => {
  const headers = {
    'content-security-policy': policy(host),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
  };
  const end = (status: number, type: string, body: string | Buffer, cache = 'no-cache'): void => {
    response.writeHead(status, { ...headers, 'content-type': type, 'cache-control': cache });
    response.end(isHead ? undefined : body);
  };
  const file = fileInside(folder, pathname);
  if (file === undefined) return end(404, 'text/plain', 'not found');
  try {
    const body = await readFile(file);
    const isHashed = /^\/assets\/.*-[\w-]{8,}\.\w+$/.test(pathname);
    const cache = isHashed ? 'public, max-age=31536000, immutable' : 'no-cache';
    end(200, TYPES[extname(file)] ?? 'application/octet-stream', body, cache);
  } catch (cause) {
    if (!isMissing(cause)) throw cause;
    if (pathname === '/') end(503, 'text/html; charset=utf-8', NOT_BUILT);
    else end(404, 'text/plain', 'not found');
  }
};
