import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RateLimiter } from '../api/rate-limits.ts';
import { answerResponseUrl } from '../delivery/respond.ts';
import { mimeType } from '../model/wire.ts';
import type { World } from '../world.ts';
import { serveApi } from './api-route.ts';
import { parseArgs, readBody, uploadedBytes } from './body.ts';

const end = (response: ServerResponse, status: number, body: string | Buffer, type = 'text/plain'): void => {
  response.writeHead(status, { 'content-type': type }).end(body);
};

const serveResponseUrl = async (world: World, request: IncomingMessage, response: ServerResponse, path: string) => {
  const args = await parseArgs(request.headers['content-type'] ?? 'application/json', await readBody(request));
  const { status, body } = answerResponseUrl(world, path, args);
  world.traffic.record({ from: 'app', kind: 'response_url', name: path, sent: args, answer: body, status });
  end(response, status, body);
};

const serveUpload = async (world: World, request: IncomingMessage, response: ServerResponse, id: string) => {
  const bytes = await uploadedBytes(request.headers['content-type'] ?? '', await readBody(request));
  const file = world.files.find(id);
  world.traffic.record({ from: 'app', kind: 'upload', name: id, sent: { bytes: bytes.length } });
  if (!file || file.completed) return end(response, 404, 'file_not_found');
  if (bytes.length !== file.length) return end(response, 400, 'length mismatch');
  world.files.store(file, bytes);
  end(response, 200, `OK - ${bytes.length}`);
};

const serveFile = (world: World, request: IncomingMessage, response: ServerResponse, id: string) => {
  const file = world.files.find(id);
  // url_private wants a token, as on Slack
  if (request.headers.authorization !== `Bearer ${world.app.botToken}`) return end(response, 403, 'forbidden');
  if (!file?.bytes) return end(response, 404, 'file_not_found');
  end(response, 200, file.bytes, mimeType(file.name));
};

/** Answers one HTTP request. */
export const route = async (
  world: World,
  limiter: RateLimiter | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  if (world.trouble.isDown()) {
    request.socket.destroy();
    return;
  }
  const url = new URL(request.url ?? '/', 'http://localhost');
  const [, area = '', ...rest] = url.pathname.split('/');
  if (area === 'api') return serveApi(world, limiter, request, response, url);
  if (area === 'response' && request.method === 'POST') {
    return serveResponseUrl(world, request, response, url.pathname);
  }
  if (area === 'upload' && request.method === 'POST') return serveUpload(world, request, response, rest[1] ?? '');
  if (area === 'files-pri') return serveFile(world, request, response, rest[0] ?? '');
  end(response, 404, 'not found');
};
