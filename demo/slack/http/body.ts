import type { IncomingMessage } from 'node:http';
import { isJson, type Json, parseJson } from '../json.ts';

const MAX_BYTES = 100 * 1024 * 1024;

/** Reads a request's body; rejects over 100 MiB. */
export const readBody = async (request: IncomingMessage): Promise<Buffer> => {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    const bytes = Buffer.from(part);
    size += bytes.length;
    if (size > MAX_BYTES) throw new Error('request body over 100 MiB');
    parts.push(bytes);
  }
  return Buffer.concat(parts);
};

const multipart = async (type: string, bytes: Buffer): Promise<FormData> =>
  new Response(new Uint8Array(bytes), { headers: { 'content-type': type } }).formData();

/** The arguments in a body: form fields, multipart fields or a JSON object. Files in a multipart body are left out. */
export const parseArgs = async (type: string, bytes: Buffer): Promise<Json> => {
  if (type.startsWith('application/json')) {
    const value = parseJson(bytes.toString());
    return isJson(value) ? value : {};
  }
  if (type.startsWith('multipart/form-data')) {
    const fields = [...(await multipart(type, bytes))].filter(([, value]) => typeof value === 'string');
    return Object.fromEntries(fields);
  }
  return Object.fromEntries(new URLSearchParams(bytes.toString()));
};

/** The bytes of an upload: the first file or field of a multipart body, else the body itself. */
export const uploadedBytes = async (type: string, bytes: Buffer): Promise<Buffer> => {
  if (!type.startsWith('multipart/form-data')) {
    if (!type.startsWith('application/x-www-form-urlencoded')) return bytes;
    // the SDK sends text content as a form field named body
    const text = new URLSearchParams(bytes.toString()).get('body');
    return text === null ? bytes : Buffer.from(text);
  }
  for (const [, value] of await multipart(type, bytes)) {
    return typeof value === 'string' ? Buffer.from(value) : Buffer.from(await value.arrayBuffer());
  }
  return Buffer.alloc(0);
};
