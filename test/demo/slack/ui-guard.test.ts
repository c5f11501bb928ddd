/** Who may come in: the page itself and scripts of this machine, not another site's page; and which files are served. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { ChatServer } from '../../../demo/slack/server.ts';
import { chat, stopAll } from './kit.ts';
import { closePages, folder, pageChat } from './ui-kit.ts';

afterEach(closePages);
afterEach(stopAll);

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** A request as it stands, for fetch sets Host itself and cleans paths. */
const raw = (server: ChatServer, path: string, headers: Record<string, string> = {}, method = 'GET', body = '') =>
  new Promise<Answer>((resolve, reject) => {
    const { hostname, port } = new URL(server.url);
    const sent = request({ hostname, port, path, headers, method }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(parts).toString(),
        }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });

const JSON_TYPE = { 'content-type': 'application/json' };
const SAY = JSON.stringify({ as: 'alice', act: 'say', channel: 'ops', text: 'hi' });

test.each(['/ui/state?as=alice', '/ui/files/F1?as=alice', '/'])(
  '%s refuses another Host and another Origin',
  async (path) => {
    const server = await pageChat();
    const status = async (headers: Record<string, string>) => (await raw(server, path, headers)).status;
    const { host } = new URL(server.url);
    expect(await status({ host: 'rebound.example' })).toBe(403);
    expect(await status({ host: 'localhost.example:80' })).toBe(403);
    expect(await status({ origin: 'http://rebound.example' })).toBe(403);
    expect(await status({ origin: 'null' })).toBe(403);
    expect(await status({ origin: 'http://127.0.0.1:1' })).toBe(403);
    expect(await status({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' })).toBe(403);
    expect(await status({ origin: `http://${host}` })).not.toBe(403);
    expect(await status({ host: 'localhost:8080' })).not.toBe(403);
    expect(await status({ host: '[::1]:8080' })).not.toBe(403);
  },
);

test('acts and troubles refuse a foreign page and a form; nothing is done', async () => {
  const server = await pageChat();
  const { host } = new URL(server.url);
  for (const path of ['/ui/act', '/ui/trouble']) {
    const status = async (headers: Record<string, string>, method = 'POST') =>
      (await raw(server, path, headers, method, SAY)).status;
    expect(await status({ ...JSON_TYPE, host: 'rebound.example' })).toBe(403);
    expect(await status({ ...JSON_TYPE, origin: 'http://elsewhere.example' })).toBe(403);
    expect(await status({ 'content-type': 'text/plain' })).toBe(415);
    expect(await status({ 'content-type': 'application/x-www-form-urlencoded' })).toBe(415);
    expect(await status(JSON_TYPE, 'PUT')).toBe(405);
  }
  expect(server.messages('ops')).toEqual([]);
  expect((await raw(server, '/ui/act', { ...JSON_TYPE, origin: `http://${host}` }, 'POST', SAY)).status).toBe(200);
  expect(server.messages('ops')).toHaveLength(1);
});

test('the WebSocket refuses a foreign page, a stranger and another path', async () => {
  const server = await pageChat();
  const outcome = (path: string, options: { origin?: string; headers?: Record<string, string> } = {}) =>
    new Promise<string>((resolve) => {
      const ws = new WebSocket(`${server.url.replace('http', 'ws')}${path}`, options);
      ws.on('open', () => {
        ws.close();
        resolve('open');
      });
      ws.on('error', (error) => resolve(error.message));
    });
  expect(await outcome('/ui/ws?as=alice', { origin: 'http://elsewhere.example' })).toContain('403');
  expect(await outcome('/ui/ws?as=alice', { headers: { host: 'rebound.example' } })).toContain('403');
  expect(await outcome('/ui/ws?as=nobody')).toContain('404');
  expect(await outcome('/ui/ws?as=hostler')).toContain('404');
  expect(await outcome('/ui/other?as=alice')).toContain('404');
  expect(await outcome('/ui/ws?as=alice', { origin: server.url })).toBe('open');
});

test('the page’s files: types, caches, a policy, and no way out of the folder', async () => {
  const above = folder();
  const built = join(above, 'page');
  mkdirSync(join(built, 'assets'), { recursive: true });
  writeFileSync(join(above, 'secret.txt'), 'secret');
  writeFileSync(join(built, 'index.html'), '<!doctype html>');
  writeFileSync(join(built, 'assets', 'main-Ab3_x9Zq.js'), 'export {}');
  const server = await pageChat({ page: { folder: built } });
  const index = await raw(server, '/?as=alice&channel=ops');
  expect([index.status, index.body, index.headers['content-type'], index.headers['cache-control']]).toEqual([
    200,
    '<!doctype html>',
    'text/html; charset=utf-8',
    'no-cache',
  ]);
  const policy = String(index.headers['content-security-policy']);
  for (const part of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"])
    expect(policy).toContain(part);
  const script = await raw(server, '/assets/main-Ab3_x9Zq.js');
  expect([script.headers['content-type'], script.headers['cache-control']]).toEqual([
    'text/javascript; charset=utf-8',
    'public, max-age=31536000, immutable',
  ]);
  expect((await raw(server, '/', {}, 'HEAD')).body).toBe('');
  for (const path of [
    ...['/../secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt', '/assets/..%2f..%2fsecret.txt', '/..%5csecret.txt'],
    ...['/%00', '/%', '/assets', '/assets/', '/nothing.js', '//secret.txt'],
  ]) {
    const { status, body } = await raw(server, path);
    expect([path, status, body.includes('secret')]).toEqual([path, 404, false]);
  }
  expect((await raw(server, '/', JSON_TYPE, 'POST', '{}')).status).toBe(405);
});

test('a page that isn’t built says so; a permalink leads to its message', async () => {
  const server = await pageChat({ page: { folder: join(folder(), 'none') } });
  const index = await raw(server, '/');
  expect([index.status, index.body]).toEqual([503, expect.stringContaining('npm run build')]);
  const link = await raw(server, '/archives/C0OPS/p1700000000000100?thread_ts=1700000000.000001&cid=C0OPS');
  expect([link.status, link.headers.location]).toEqual([
    302,
    '/?channel=C0OPS&message=1700000000.000100&thread=1700000000.000001',
  ]);
});

test('without a page there is none', async () => {
  const server = await chat();
  expect((await raw(server, '/')).status).toBe(404);
  expect((await raw(server, '/ui/state?as=alice')).status).toBe(404);
});
