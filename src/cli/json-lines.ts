import type { Socket } from 'node:net';

/** A line that is longer than this ends the connection: a plan is far smaller. */
const MOST = 4 * 1024 * 1024;

/** Calls `onLine` for each line of JSON that arrives, in order. What isn't JSON, or too long, ends the connection. */
export function readJsonLines(socket: Socket, onLine: (value: unknown) => void): void {
  let rest = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk) => {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > MOST) socket.destroy(new RangeError('a line is too long'));
    for (const line of lines) {
      if (line === '') continue;
      let value: unknown;
      try {
        value = JSON.parse(line);
      } catch (cause) {
        socket.destroy(new SyntaxError('a line is not JSON', { cause }));
        return;
      }
      onLine(value);
    }
  });
}

export function writeJsonLine(socket: Socket, value: unknown): void {
  if (!socket.destroyed && socket.writable) socket.write(`${JSON.stringify(value)}\n`);
}
