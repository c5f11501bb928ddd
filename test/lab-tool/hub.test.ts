import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { serveHub } from '../../lab/hub-server.ts';

const open: Socket[] = [];
afterEach(() => {
  for (const socket of open.splice(0)) socket.close();
});

async function member(): Promise<{ socket: Socket; port: number; heard: string[] }> {
  const socket = createSocket('udp4');
  open.push(socket);
  const heard: string[] = [];
  socket.on('message', (frame) => heard.push(frame.toString()));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { socket, port: socket.address().port, heard };
}

test('a frame reaches every other member, and never its sender', async () => {
  const [a, b, c] = [await member(), await member(), await member()];
  const hub = await serveHub(0, [a.port, b.port, c.port]);
  open.push(hub);
  const send = (from: Socket, text: string) => from.send(text, hub.address().port, '127.0.0.1');
  const atC = once(c.socket, 'message');
  send(a.socket, 'from a');
  await atC;
  // Whatever a would hear of its own frame stands before this one.
  const atA = once(a.socket, 'message');
  send(b.socket, 'from b');
  await atA;
  expect(a.heard).toEqual(['from b']);
  await expect.poll(() => b.heard).toEqual(['from a']);
  await expect.poll(() => c.heard).toEqual(['from a', 'from b']);
});

test('a port that is taken is an error', async () => {
  const hub = await serveHub(0, []);
  open.push(hub);
  await expect(serveHub(hub.address().port, [])).rejects.toThrow('EADDRINUSE');
});
