import type { HostCall } from './ports.ts';

/** Does a guest live? Asked from its host, once each: no is an answer. */
export interface ProbeVerbs {
  /** It answers a ping. */
  readonly ping: (address: string) => HostCall<boolean>;
  /** It takes a connection to this TCP port. */
  readonly port: (address: string, port: number) => HostCall<boolean>;
  /** Its agent answers. */
  readonly agent: (uuid: string) => HostCall<boolean>;
}
