import type { TimeClass } from '../domain/command.ts';
import type { HostCall } from './ports.ts';

/** What a shell script in a guest came to. */
export interface GuestRan {
  /** Its exit code; above 128 where a signal ended it. */
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A script of POSIX shell for a guest. What differs from guest to guest comes as arguments: nothing of theirs is read as shell. */
export interface GuestScript {
  /** `Ask the guest what is left`. */
  readonly title: string;
  readonly script: string;
  readonly given?: readonly string[];
  /** How long it may take. */
  readonly limit: TimeClass;
}

/** What came of checking a filesystem: `none` for one that was not checked. */
export interface FilesystemChecked {
  /** As the guest calls what it lies on: `vdm1`. */
  readonly part: string;
  readonly type: string;
  readonly state: 'good' | 'bad' | 'none';
  /** Empty for a good one. */
  readonly why: string;
}

export interface GuestCommand {
  readonly exit: number;
  readonly lastLines: string;
}

/** What is still in a guest of what one machine alone should have. */
export interface Traces {
  /** Kinds of which nothing is left: `machine-id`, `ssh host keys` … */
  readonly clean: readonly string[];
  /** Kinds of which something is left, and the first place where. */
  readonly left: readonly { readonly kind: string; readonly where: string }[];
  /** It has cloud-init, which gives a new machine its name and keys. */
  readonly cloudInit: boolean;
}

/** What is done inside a guest, by its agent (`guest-exec`), as root there. */
export interface GuestVerbs {
  /**
   * Runs it, and waits for its end. Its exit code is an answer; an agent that is silent, or may run no commands, is not: BotError
   * `wrong_state` then.
   */
  readonly run: (uuid: string, script: GuestScript) => HostCall<GuestRan>;
  /** A line of shell in it: its exit code, and the last lines of what it said. Throws as `run` does. */
  readonly command: (uuid: string, line: string) => HostCall<GuestCommand>;
  /** SHA-256 of a file in it; null where there is none that can be read. Throws as `run` does. */
  readonly sha256: (uuid: string, path: string) => HostCall<string | null>;
  /**
   * Checks the filesystems on the disk of that serial, which nothing uses: mends nothing, and mounts each once. Throws as `run` does, and
   * `host_fault` where there is no such disk.
   */
  readonly check: (uuid: string, serial: string) => HostCall<readonly FilesystemChecked[]>;
  /** Removes what one machine alone should have; secrets are written over first. May run twice. */
  readonly clean: (uuid: string) => HostCall<void>;
  /** Looks for it. */
  readonly traces: (uuid: string) => HostCall<Traces>;
  /** Freezes its filesystems, so that they are whole on their disks, where its agent can. Content where it can't, or is off. */
  readonly freeze: (uuid: string) => HostCall<void>;
}
