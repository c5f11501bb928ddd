import type { HostCall } from './ports.ts';

/** A network of one host that leads nowhere: its guests reach each other and the host, and nothing beyond. */
export interface IsolatedNetwork {
  /** Its name is its mark: it bears the id of what it was made for. */
  readonly name: string;
  /** The first three numbers of its /24: `198.18.7`. The host has `.1`. */
  readonly prefix: string;
  /** Guests that always get the same address. */
  readonly guests: readonly { readonly mac: string; readonly address: string }[];
}

export interface NetworkSeen {
  /** Nothing is forwarded from it to elsewhere. */
  readonly isolated: boolean;
  /** The host's bridge behind it; null where it has none. */
  readonly bridge: string | null;
}

/** libvirt's networks that last as long as they are needed: no definition stays behind, not even over a restart of the host. */
export interface NetworkVerbs {
  readonly create: (network: IsolatedNetwork) => HostCall<void>;
  /** Null where the host knows no such network. */
  readonly look: (name: string) => HostCall<NetworkSeen | null>;
  /** Is content when it isn't there. */
  readonly remove: (name: string) => HostCall<void>;
}
