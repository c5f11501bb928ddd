/** The control interface over HTTP on the loopback, JSON in and out: for people with curl, and for scripts. */
import { createServer, type IncomingMessage } from 'node:http';
import { z } from 'zod';
import { asBotError, BotError, type ErrorCode } from '../../src/domain/error.ts';
import { type FleetControl, TROUBLES, VM_ACTS } from './control.ts';
import { LIFE_MODES } from './life.ts';

export interface ControlServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly close: () => Promise<void>;
}

const BODY_MOST = 64 * 1024;
const TroubleBody = z.strictObject({
  kind: z.enum([...TROUBLES, 'clear']),
  ms: z.int().min(0).max(600_000).optional(),
  times: z.int().min(1).max(1_000_000).optional(),
});
const VmBody = z.strictObject({ act: z.enum(VM_ACTS) });
const LifeBody = z.strictObject({ mode: z.enum(LIFE_MODES).optional(), load: z.number().min(0).max(20).optional() });

const STATUS: Partial<Record<ErrorCode, number>> = {
  invalid_input: 400,
  forbidden: 403,
  not_found: 404,
  wrong_state: 409,
};

/** Listens on 127.0.0.1 until closed; port 0 is any free one. Rejects where it is taken. */
export function serveControl(control: FleetControl, port = 0): Promise<ControlServer> {
  const server = createServer((request, response) => {
    const answer = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
      response.end(`${JSON.stringify(body)}\n`);
    };
    handle(request, control).then(
      (body) => answer(200, body),
      (cause: unknown) => {
        const { code, message, hint = null } = asBotError(cause);
        answer(STATUS[code] ?? 500, { error: { code, message, hint } });
      },
    );
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const bound = server.address();
      const at = typeof bound === 'object' && bound !== null ? bound.port : port;
      resolve({
        url: `http://127.0.0.1:${at}`,
        close: () =>
          new Promise((done) => {
            server.close(() => done());
            server.closeAllConnections();
          }),
      });
    });
  });
}

async function handle(request: IncomingMessage, control: FleetControl): Promise<unknown> {
  checkCaller(request);
  const [path = ''] = (request.url ?? '').split('?');
  const parts = path.split('/').slice(1).map(decoded);
  const [root, host, noun, name] = parts;
  if (root !== 'fleet') throw nothingAt(path);
  if (request.method === 'GET' && parts.length === 1) return control.view();
  if (request.method !== 'POST') throw nothingAt(`${request.method} ${path}`);
  if (parts.length === 2 && host === 'life') {
    const { mode, load } = await bodyOf(request, LifeBody);
    control.life.set({ ...(mode === undefined ? {} : { mode }), ...(load === undefined ? {} : { load }) });
    return { mode: control.life.mode(), load: control.life.load() };
  }
  if (parts.length === 3 && host !== undefined && noun === 'trouble') {
    const { kind, ms, times } = await bodyOf(request, TroubleBody);
    if (kind === 'clear') return control.clear(host);
    return control.trouble(host, kind, {
      ...(ms === undefined ? {} : { ms }),
      ...(times === undefined ? {} : { times }),
    });
  }
  if (parts.length === 4 && host !== undefined && noun === 'vm' && name !== undefined) {
    return control.vm(host, name, (await bodyOf(request, VmBody)).act);
  }
  throw nothingAt(path);
}

function nothingAt(what: string): BotError {
  return new BotError('not_found', `There is nothing at ${what.slice(0, 200)}`, {
    hint: 'There is GET /fleet, POST /fleet/life, POST /fleet/HOST/trouble and POST /fleet/HOST/vm/DOMAIN.',
  });
}

/** A page of somebody else's in a browser on this machine reaches the port as well: under another name, or from another origin. */
function checkCaller({ headers, socket }: IncomingMessage): void {
  const own = [`127.0.0.1:${socket.localPort}`, `localhost:${socket.localPort}`];
  if (!own.includes(headers.host ?? '')) throw new BotError('forbidden', 'This is asked for under a foreign name');
  const { origin } = headers;
  if (origin !== undefined && !own.some((name) => origin === `http://${name}`)) {
    throw new BotError('forbidden', 'This is asked for from a foreign page');
  }
}

async function bodyOf<T>(request: IncomingMessage, shape: z.ZodType<T>): Promise<T> {
  const [type = ''] = (request.headers['content-type'] ?? '').split(';');
  // What a page may send elsewhere without asking first is never JSON.
  if (type.trim().toLowerCase() !== 'application/json') {
    throw new BotError('invalid_input', 'Only application/json is taken', {
      hint: "Add -H 'content-type: application/json'.",
    });
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > BODY_MOST) throw new BotError('invalid_input', 'The body is too long');
    chunks.push(bytes);
  }
  let given: unknown;
  try {
    given = JSON.parse(Buffer.concat(chunks).toString());
  } catch (cause) {
    throw new BotError('invalid_input', 'The body is no JSON', { cause });
  }
  const parsed = shape.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new BotError('invalid_input', z.prettifyError(parsed.error).replaceAll('\n', ' '));
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (cause) {
    throw new BotError('invalid_input', 'The address is malformed', { cause });
  }
}
