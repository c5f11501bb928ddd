import type { ServerResponse } from 'node:http';
import type { StoredFile } from '../model/types.ts';
import { mimeType } from '../model/wire.ts';

/** Answers with a file's bytes. */
export const serveFile = (response: ServerResponse, { name }: StoredFile, bytes: Buffer): void => {
  const type = mimeType(name);
  const shows = /^(image|text)\//.test(type) ? 'inline' : 'attachment';
  response
    .writeHead(200, {
      'content-type': type.startsWith('text/') ? `${type}; charset=utf-8` : type,
      'content-disposition': `${shows}; filename*=UTF-8''${encodeURIComponent(name)}`,
      'cache-control': 'private, max-age=3600',
      // a picture may hold scripts (SVG): they don't run
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
      'x-content-type-options': 'nosniff',
    })
    .end(bytes);
};
