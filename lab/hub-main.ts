// `node hub-main.js RECORD PORT|0 MEMBER…`: the hub as a process of its own, which outlives `lab up`. Writes
// { pid, port, members } to RECORD when it serves, and runs until SIGTERM.
import { renameSync, writeFileSync } from 'node:fs';
import { serveHub } from './hub-server.ts';

const [record = '', port = '0', ...rest] = process.argv.slice(2);
const members = rest.map(Number);
const hub = await serveHub(Number(port), members);
writeFileSync(`${record}.new`, JSON.stringify({ pid: process.pid, port: hub.address().port, members }));
renameSync(`${record}.new`, record);
process.on('SIGTERM', () => process.exit(0));
