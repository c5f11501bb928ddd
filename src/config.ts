import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { crossChecks } from './config/cross-checks.ts';
import { explainIssues } from './config/explain.ts';
import { ConfigFile } from './config/schema.ts';
import { type Env, lookUpSecret } from './config/secrets.ts';
import { type ConfigFault, readYaml } from './config/source.ts';
import { toConfig } from './config/to-config.ts';
import type { Config, HostAccess } from './config/types.ts';
import { BotError } from './domain/error.ts';

export { backupIdentity } from './config/backups.ts';
export { type Env, lookUpSecret } from './config/secrets.ts';
export type { Config, HostAccess } from './config/types.ts';

/** Faults that one message holds; the rest are counted. */
const MOST = 12;

/**
 * Reads and checks the configuration whole. `kinds`: the operations' names, for rules that name them.
 * Throws `invalid_config`, whose message names file, line, path, value, and what is expected, a line for each fault.
 */
export function loadConfig(path: string, env: Env, kinds: readonly string[] | null = null): Config {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    throw new BotError('invalid_config', `The configuration ${path} ${missing ? 'is not there' : 'can’t be read'}`, {
      hint: missing
        ? 'Copy hostler.example.yaml to hostler.yaml and fill it in, or name yours with --config or HOSTLER_CONFIG.'
        : 'See that the bot’s user may read it.',
      cause,
    });
  }
  if (text.trim() === '') {
    throw new BotError('invalid_config', `The configuration ${path} is empty`, {
      hint: 'Copy hostler.example.yaml and fill it in. One that `hostler fleet` is printing comes when its hosts answer.',
    });
  }
  const read = readConfig(text, dirname(resolve(path)), env, kinds);
  if (read.ok) return read.config;
  const lines = read.faults
    .slice(0, MOST)
    .map(
      (fault) => `${path}:${fault.line}:${fault.column}: ${fault.path === '' ? '' : `${fault.path}: `}${fault.message}`,
    );
  const more = read.faults.length - lines.length;
  throw new BotError('invalid_config', [...lines, ...(more > 0 ? [`… and ${more} more`] : [])].join('\n'), {
    hint: 'hostler.example.yaml explains every key.',
  });
}

/** The same from a text: `directory` is where its relative paths start. */
export function readConfig(
  text: string,
  directory: string,
  env: Env,
  kinds: readonly string[] | null = null,
): { readonly ok: true; readonly config: Config } | { readonly ok: false; readonly faults: readonly ConfigFault[] } {
  const { source, faults } = readYaml(text);
  if (faults.length > 0) return { ok: false, faults };
  const parsed = ConfigFile.safeParse(source.data, { reportInput: true });
  if (!parsed.success) return { ok: false, faults: explainIssues(parsed.error.issues, ConfigFile, source) };
  const crossed = crossChecks(parsed.data, source, kinds);
  if (crossed.length > 0) return { ok: false, faults: crossed };
  return { ok: true, config: toConfig(parsed.data, directory, env) };
}

/** What the ssh side needs of each host, passphrases looked up. Throws `invalid_config` for one that isn't there. */
export function connectionsOf(config: Config, env: Env): (HostAccess & { readonly passphrase?: string })[] {
  return config.hosts.map((host) => {
    const { passphraseRef, ...access } = host;
    return passphraseRef === undefined ? access : { ...access, passphrase: lookUpSecret(passphraseRef, env).reveal() };
  });
}
