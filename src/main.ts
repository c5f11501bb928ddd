import { userInfo } from 'node:os';
import type { Composition } from './cli/composition.ts';
import { runCli } from './cli/program.ts';
import { ownTerminal } from './cli/terminal.ts';
import type { Env } from './config.ts';

/** The composition root: everything is loaded here, and only when it is asked for. `argv` without node and script; resolves to the exit code. */
export async function main(argv: readonly string[], env: Env = process.env): Promise<number> {
  return await runCli(argv, await compose(env), ownTerminal(env, userInfo().username), env);
}

/** The real thing behind the terminal’s commands; exported for tests of the whole. */
export async function compose(env: Env): Promise<Composition> {
  const { version } = await import('./main/version.ts');
  const load = async (file: string) => {
    const [{ loadConfig }, { catalog }] = await Promise.all([import('./config.ts'), import('./operations/catalog.ts')]);
    return loadConfig(
      file,
      env,
      catalog.map(({ name }) => name),
    );
  };
  const databaseOf = async (file: string): Promise<string> => {
    const { databaseFile } = await import('./main/core.ts');
    return databaseFile((await load(file)).stateDir);
  };
  return {
    version: version(),
    catalog: async () => (await import('./operations/catalog.ts')).catalog,
    config: async (file) => {
      const { settings, stateDir, slack } = await load(file);
      return { settings, stateDir, prefix: slack.prefix };
    },
    start: async (file) => (await import('./main/start.ts')).start(await load(file), () => load(file), env),
    openService: async (file) => {
      const { openCore, terminalActor } = await import('./main/core.ts');
      const { jsonLog } = await import('./infra/log.ts');
      // stderr is for whoever sits there: what is merely worth noting stays out of it, unless it was asked for.
      const core = openCore(
        await load(file),
        env,
        jsonLog((env.LOG_LEVEL ?? '') === '' ? 'error' : `${env.LOG_LEVEL}`),
      );
      // What a crash left under way is taken up by whoever has the lock.
      core.service.resume();
      return {
        service: core.service,
        settings: core.settings,
        actorOf: async (person) => terminalActor(core.settings(), person),
        close: core.close,
      };
    },
    checks: async (file) => (await import('./main/checks.ts')).checksFor(() => load(file), env),
    openAudit: async (file) => {
      const [{ openReadOnly }, { auditRows }] = await Promise.all([
        import('./infra/sqlite/database.ts'),
        import('./infra/sqlite/audit.ts'),
      ]);
      const db = openReadOnly(await databaseOf(file));
      const audit = auditRows(db);
      return { verify: audit.verify, list: audit.list, close: () => void db.close() };
    },
    manifest: async (options) => {
      const [{ manifestFor }, { catalog }, { stringify }] = await Promise.all([
        import('./operations/manifest.ts'),
        import('./operations/catalog.ts'),
        import('yaml'),
      ]);
      return stringify(manifestFor(catalog, options), { lineWidth: 0 });
    },
    sudoers: async (file, host) => {
      const { sudoersOf } = await import('./main/sudoers.ts');
      return sudoersOf(await load(file), host);
    },
    backup: async (file, to) => (await import('./infra/sqlite/backup.ts')).backUp(await databaseOf(file), to),
    restore: async (file, from) => {
      const { lockState, makeStateDir } = await import('./infra/sqlite/state-lock.ts');
      const { restore } = await import('./infra/sqlite/backup.ts');
      const { stateDir } = await load(file);
      makeStateDir(stateDir);
      const unlock = lockState(stateDir);
      try {
        return restore(await databaseOf(file), from, Date.now());
      } finally {
        unlock();
      }
    },
  };
}
