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

/** What a found domain's definition says. Whoever may write to libvirt may have written it: nothing of it is true because it stands there. */
export type DefinitionSeen =
  | {
      readonly kind: 'read';
      readonly uuid: string;
      readonly domainName: string;
      /** Null where it bears none. */
      readonly marks: NamedMarks | null;
      /** NaN where the definition says nothing that is a number. */
      readonly vcpus: number;
      readonly memoryBytes: number;
      /** Those with a source. `written`: neither read-only nor a CD-ROM. */
      readonly disks: readonly { readonly target: string; readonly path: string; readonly written: boolean }[];
      readonly nics: readonly {
        readonly mac: string;
        readonly source: { readonly network: string } | { readonly bridge: string };
      }[];
    }
  | { readonly kind: 'unreadable'; readonly uuid: string; readonly why: string };

/** What can be asked of a domain that somebody else made, and written to it without touching what is theirs; part of `DomainVerbs`. */
export interface MarkVerbs {
  /** The domain's marks in its metadata; null where it has none or isn't there. */
  readonly marksOf: (uuid: string) => HostCall<NamedMarks | null>;
  /** Writes marks and names into the metadata of a domain that is there; `live` also into the running one, where it still runs. */
  readonly mark: (uuid: string, marks: NamedMarks, options: { readonly live: boolean }) => HostCall<void>;
  /** Takes them away, and nothing else of its metadata; content where there are none. */
  readonly unmark: (uuid: string, options: { readonly live: boolean }) => HostCall<void>;
  /** Domains that were found, in one call: an answer for each UUID in their order, null where there is none any more. */
  readonly definitions: (uuids: readonly string[]) => HostCall<readonly (DefinitionSeen | null)[]>;
  /** UUIDs of all domains that start with the host. */
  readonly autostarting: () => HostCall<readonly string[]>;
  /** Whether libvirt keeps the domain when it is off, and starts it with the host; null where there is no such domain. */
  readonly keptAs: (uuid: string) => HostCall<{ readonly persistent: boolean; readonly autostart: boolean } | null>;
}
