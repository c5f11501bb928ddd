/** Child of bench/ack.ts: a chat server for each bot, and the people who type. */
import { type ChatServer, startChatServer } from '../demo/slack/server.ts';
import { Burst, tell } from './ack-wire.ts';

const servers = new Map<string, ChatServer>();
for (const who of process.argv.slice(2)) {
  const server = await startChatServer({ rateLimits: false });
  server.addUser({ name: '01-dev1' });
  server.addChannel({ name: 'team-01', members: ['01-dev1', 'hostler'] });
  servers.set(who, server);
}

process.on('message', (message) => {
  const { who, count } = Burst.parse(message);
  const server = servers.get(who);
  if (server === undefined) throw new Error(`no server for ${who}`);
  const dev = server.as('01-dev1');
  void Promise.all(Array.from({ length: count }, () => dev.slash('team-01', '/vm list'))).then((receipts) => {
    const acked = receipts.filter(({ outcome }) => outcome === 'acked');
    server.traffic.clear();
    tell({ ms: acked.flatMap(({ ackMs }) => (ackMs === undefined ? [] : [ackMs])), lost: count - acked.length });
  });
});
tell({ ready: Object.fromEntries([...servers].map(([who, { apiUrl }]) => [who, apiUrl])) });
