import { createServer } from 'node:net';

/** Below those that the kernel gives to whoever connects (from 32768 on): one that is free now stays so. */
const [LOWEST, COUNT] = [20_000, 12_000];
/** Processes that run at once begin at different places, and none gives a port twice. */
let next = Math.floor(Math.random() * COUNT);

/** A TCP port that nobody listens on: for servers that can't be told port 0. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < COUNT; tries += 1) {
    const port = LOWEST + (next % COUNT);
    next += 1;
    if (await isFree(port)) return port;
  }
  throw new Error('no port is free');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
