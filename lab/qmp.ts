// A small client of QEMU's machine protocol (QMP): JSON lines over a Unix socket.
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { LabError } from './command.ts';

const Answer = z.looseObject({
  return: z.unknown().optional(),
  error: z.looseObject({ desc: z.string() }).optional(),
});

/** Sends one QMP command and gives its `return`; throws a LabError with QEMU's words. */
type Execute = (command: string, args?: Record<string, unknown>) => Promise<unknown>;

/** Connects, negotiates, runs `work` and hangs up. Throws when nobody listens or QEMU goes away midway. */
export async function withQmp<T>(socketPath: string, work: (execute: Execute) => Promise<T>): Promise<T> {
  const socket = connect(socketPath);
  const waiting: { resolve: (value: unknown) => void; reject: (error: Error) => void }[] = [];
  const fail = (error: Error) => {
    for (const one of waiting.splice(0)) one.reject(error);
  };
  const greeted = new Promise<unknown>((resolve, reject) => waiting.push({ resolve, reject }));
  socket.on('error', (cause) => fail(new LabError(`QEMU's monitor ${socketPath}: ${cause.message}`, { cause })));
  socket.on('close', () => fail(new LabError(`QEMU closed its monitor ${socketPath}`)));
  const lines = createInterface({ input: socket });
  lines.on('error', () => {}); // readline repeats the socket's errors
  lines.on('line', (line) => {
    const message: unknown = JSON.parse(line);
    if (typeof message === 'object' && message !== null && 'event' in message) return;
    const answer = Answer.parse(message);
    const next = waiting.shift();
    if (answer.error === undefined) next?.resolve(answer.return);
    else next?.reject(new LabError(`QEMU: ${answer.error.desc}`));
  });
  const execute: Execute = (command, args) =>
    new Promise((resolve, reject) => {
      if (socket.destroyed) return reject(new LabError(`QEMU closed its monitor ${socketPath}`));
      waiting.push({ resolve, reject });
      socket.write(`${JSON.stringify({ execute: command, ...(args && { arguments: args }) })}\n`);
    });
  try {
    await greeted;
    await execute('qmp_capabilities');
    return await work(execute);
  } finally {
    socket.destroy();
  }
}
