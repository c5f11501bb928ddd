/** The golden images of the config on each host, as an admin would have added them before: by the bot's own engine. */

import type { Env } from '../src/config.ts';
import { loadConfig } from '../src/config.ts';
import { jsonLog } from '../src/infra/log.ts';
import { openCore, terminalActor } from '../src/main/core.ts';

/** Adds those that are missing. Only while no bot runs. Throws when one can't be added. */
export async function addImages(configFile: string, env: Env): Promise<void> {
  const core = openCore(loadConfig(configFile, env), env, jsonLog('error'));
  try {
    const { service, rows, settings } = core;
    const actor = terminalActor(settings(), 'admin');
    const wanted = settings().images.flatMap(({ name }) => settings().hosts.map((host) => ({ name, host: host.name })));
    const missing = wanted.filter(({ name, host }) => rows.images.find(name, host) === null);
    const ends = missing.map(async ({ name, host }) => {
      const answer = await service.request({
        name: 'image.add',
        input: { name, host },
        actor,
        channelTeam: null,
        origin: { via: 'terminal', channel: null, command: `image add ${name} --host ${host}` },
        options: { wait: true, reason: 'the demo begins' },
        dedupe: null,
      });
      if (answer.kind === 'refused') throw answer.error;
      if (answer.kind !== 'operation') throw new Error(`image add ${name} was answered with ${answer.kind}`);
      const { id, digest } = answer.row;
      await service.press({ press: { do: 'wait', op: id, digest }, actor });
      const { state, error } = await service.follow(id, 'end');
      if (state !== 'succeeded') throw new Error(`image ${name} is not on ${host}: ${error?.message ?? state}`);
    });
    await Promise.all(ends);
  } finally {
    await core.close();
  }
}
