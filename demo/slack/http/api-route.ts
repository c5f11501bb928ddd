import type { IncomingMessage, ServerResponse } from 'node:http';
import { callMethod } from '../api/dispatch.ts';
import type { RateLimiter } from '../api/rate-limits.ts';
import { asText, type Json } from '../json.ts';
import type { CallTrouble } from '../trouble.ts';
import type { World } from '../world.ts';
import { parseArgs, readBody } from './body.ts';

const sleep = (world: World, ms: number): Promise<void> =>
  ms > 0 ? new Promise((resolve) => void world.clock.after(ms, resolve)) : Promise.resolve();

const bearer = (request: IncomingMessage): string | undefined =>
  /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];

const troubled = ({ status = 200, retryAfter, error }: CallTrouble) => {
  if (status === 429) {
    const headers: Record<string, string> = { 'retry-after': String(retryAfter ?? 1) };
    return { status, headers, body: { ok: false, error: 'ratelimited' } };
  }
  if (error !== undefined) return { status, headers: {}, body: { ok: false, error } };
  return status === 200 ? undefined : { status, headers: {}, body: `<html>${status}</html>` };
};

/** Answers POST and GET /api/<method>. */
export const serveApi = async (
  world: World,
  limiter: RateLimiter | undefined,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> => {
  const started = world.clock.now();
  const name = url.pathname.slice('/api/'.length);
  const body = await readBody(request);
  const given: Json = {
    ...Object.fromEntries(url.searchParams),
    ...(await parseArgs(request.headers['content-type'] ?? '', body)),
  };
  const { token, ...args } = given;
  const trouble = world.trouble.takeCall(name);
  await sleep(world, world.trouble.slowness() + (trouble?.delay ?? 0));
  if (trouble?.cut) {
    world.traffic.record({ from: 'app', kind: 'api', name, sent: args, answer: 'connection cut' });
    request.socket.destroy();
    return;
  }
  const answer =
    (trouble && troubled(trouble)) ?? callMethod(world, limiter, name, bearer(request) ?? asText(token), args);
  world.traffic.record({
    from: 'app',
    kind: 'api',
    name,
    sent: args,
    answer: trouble?.lost ? { lost: answer.body } : answer.body,
    status: answer.status,
    ms: world.clock.now() - started,
  });
  if (trouble?.lost) {
    request.socket.destroy();
    return;
  }
  const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
  const type = typeof answer.body === 'string' ? 'text/html' : 'application/json; charset=utf-8';
  response.writeHead(answer.status, { 'content-type': type, ...answer.headers }).end(text);
};
