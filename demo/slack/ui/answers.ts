import type { IncomingMessage, ServerResponse } from 'node:http';
import type { z } from 'zod';
import { readBody } from '../http/body.ts';
import { parseJson } from '../json.ts';

/** Answers with JSON, or with text that is JSON already. */
export const json = (response: ServerResponse, status: number, body: object | string): void => {
  const headers = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };
  response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
};
/** Answers that it can't be. */
export const refuse = (response: ServerResponse, status: number, message: string): void => {
  json(response, status, { ok: false, error: { message } });
};

/** Reads a body of this shape; answers what is wrong with it itself, and gives undefined. */
export const readAs = async <T>(
  schema: z.ZodType<T>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<T | undefined> => {
  if (request.method !== 'POST') {
    refuse(response, 405, 'Use POST.');
    return undefined;
  }
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
    refuse(response, 415, 'Send JSON (content-type: application/json).');
    return undefined;
  }
  const parsed = schema.safeParse(parseJson((await readBody(request)).toString()));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  refuse(response, 400, `Can't be read: ${issue ? `${issue.path.join('.') || 'body'}: ${issue.message}` : 'body'}`);
  return undefined;
};
