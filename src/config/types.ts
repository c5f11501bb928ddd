import type { TimeLimits } from '../domain/command.ts';
import type { Settings } from '../domain/settings.ts';
import type { SecretRef } from './values.ts';

/** Where a host or a jump host listens, and by which keys it and we are known. */
export interface EndpointAccess {
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly hostKeys: readonly string[];
  readonly identityFiles?: readonly string[];
  readonly agent?: boolean | string;
}

/** How a host is reached, as the config says it; `connectionsOf` looks its passphrase up. */
export interface HostAccess extends EndpointAccess {
  readonly name: string;
  readonly jump?: string | EndpointAccess;
  readonly limits: TimeLimits;
  readonly channels?: number;
  readonly passphraseRef?: SecretRef;
}

/** The configuration: file and environment, checked. Secrets are references until somebody needs them. */
export interface Config {
  readonly settings: Settings;
  readonly hosts: readonly HostAccess[];
  readonly slack: {
    readonly botToken: SecretRef | null;
    /** With it: Socket Mode. Without: HTTP, which needs the signing secret. */
    readonly appToken: SecretRef | null;
    readonly signingSecret: SecretRef | null;
    readonly apiUrl: string | null;
    /** Put before each command family in this workspace: `x-` gives `/x-vm`. */
    readonly prefix: string;
  };
  readonly metrics: { readonly listen: { readonly host: string; readonly port: number } | null };
  /** Alertmanager's way in, and the programs that are told of our alerts. */
  readonly webhooks: {
    readonly alertmanager: SecretRef | null;
    readonly out: readonly { readonly name: string; readonly url: string; readonly token: SecretRef | null }[];
  };
  /** The private keys that encrypted backups are read with. */
  readonly backupIdentity: SecretRef | null;
  /** Absolute. */
  readonly stateDir: string;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
}
