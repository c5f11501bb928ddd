import type { HostCall } from './ports.ts';

/** What a domain's metadata says of it: its marks, and the names that people know it by. */
export interface NamedMarks {
  readonly op: string;
  readonly vm: string;
  readonly team: string;
  readonly name: string;
  /** The domain's name where it isn't `team-name`: that of one that was adopted. */
  readonly domain?: string;
}

/** What can be asked of a domain that somebody else made, and written to it without touching what is theirs; part of `DomainVerbs`. */
export interface MarkVerbs {
  /** The domain's marks in its metadata; null where it has none or isn't there. */
  readonly marksOf: (uuid: string) => HostCall<NamedMarks | null>;
  /** Writes marks and names into the metadata of a domain that is there; `live` also into the running one, where it still runs. */
  readonly mark: (uuid: string, marks: NamedMarks, options: { readonly live: boolean }) => HostCall<void>;
  /** Takes them away, and nothing else of its metadata; content where there are none. */
  readonly unmark: (uuid: string, options: { readonly live: boolean }) => HostCall<void>;
  /** UUIDs of all domains that start with the host. */
  readonly autostarting: () => HostCall<readonly string[]>;
  /** Whether libvirt keeps the domain when it is off, and starts it with the host; null where there is no such domain. */
  readonly keptAs: (uuid: string) => HostCall<{ readonly persistent: boolean; readonly autostart: boolean } | null>;
}
