import { configChanges } from '../config/changes.ts';
import type { Config } from '../config.ts';
import { asBotError } from '../domain/error.ts';
import type { Notice } from '../domain/notice.ts';
import type { Core } from './core.ts';

/**
 * Reads the configuration again on a signal. It is checked whole first; a bad one leaves the old in force. Either way the admin
 * channel is told. Answers with the way to stop listening.
 */
export function reloadOn(signal: NodeJS.Signals, core: Core, reload: () => Promise<Config>): () => void {
  const onSignal = (): void => {
    void take(core, reload).then((notice) => {
      const channel = core.settings().channels.admin;
      core.log.info('configuration read again', { outcome: notice.title });
      if (channel !== null) {
        core.rows.transaction(() =>
          core.rows.post({ key: `config:${Date.now()}`, to: channel, underOperation: null, notice }),
        );
      }
    });
  };
  process.on(signal, onSignal);
  return () => void process.off(signal, onSignal);
}

async function take(core: Core, reload: () => Promise<Config>): Promise<Notice> {
  try {
    const fresh = await reload();
    const owners = core.rows.vms.list(null);
    const trash = core.rows.vms.trashed(null, null);
    const all = [...owners, ...trash];
    const { refused, changes, afterRestart } = configChanges(
      core.config(),
      fresh,
      [...new Set(all.map(({ team }) => team))],
      [...new Set(all.map(({ host }) => host))],
    );
    if (refused.length > 0)
      return { tone: 'bad', title: 'The new configuration was refused; the old one stays', lines: refused };
    core.reconfigure(fresh);
    const later = afterRestart.map((line) => `${line}: counts after a restart`);
    return {
      tone: 'good',
      title:
        changes.length === 0
          ? 'The configuration was read again: nothing has changed'
          : 'The new configuration is in force',
      lines: [...changes, ...later],
    };
  } catch (cause) {
    const error = asBotError(cause);
    return {
      tone: 'bad',
      title: 'The new configuration can’t be used; the old one stays',
      lines: [error.message, ...(error.hint === undefined ? [] : [error.hint])],
    };
  }
}
