/** What a simulated program gets and gives. */
import type { FileNode, HostModel } from '../model/host-model.ts';

export interface ToolCall {
  readonly model: HostModel;
  /** The host's time, epoch milliseconds. */
  readonly now: number;
  /** Arguments, without the program's name. */
  readonly args: readonly string[];
  /** Undefined is /dev/null. */
  readonly stdin: Buffer | undefined;
  /** The file that stdin is, where a unit opened one. */
  readonly input: FileNode | undefined;
  readonly root: boolean;
  /** The effect shall stop half-way (a trouble switch): a tool whose effect has parts does the first only. */
  readonly half: boolean;
  /** Whether the host has such a program. */
  readonly has: (program: string) => boolean;
  /** Runs another program, as sudo and systemd-run do. */
  readonly run: (
    argv: readonly string[],
    change?: {
      readonly root?: boolean;
      readonly half?: boolean;
      readonly input?: FileNode | undefined;
      /** On another machine. */
      readonly on?: HostModel;
    },
  ) => ToolResult;
}

export interface Bulk {
  readonly content: string;
  readonly sizeBytes: number;
  readonly unpackedBytes: number;
}

export interface ToolResult {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What came on stdout, where it is too large to hold. */
  readonly bulk?: Bulk;
  /** What the simulator doesn't know of this command line; a test fails on it. */
  readonly unknown?: string;
}

export type Tool = (call: ToolCall) => ToolResult;

export function ok(stdout = '', stderr = ''): ToolResult {
  return { exit: 0, stdout, stderr };
}

/** `stderr` is whole lines. */
export function fail(exit: number, stderr: string, stdout = ''): ToolResult {
  return { exit, stdout, stderr: stderr === '' || stderr.endsWith('\n') ? stderr : `${stderr}\n` };
}

/** For what the real program may know and the simulator doesn't: fails as a usage error would, and is on record. */
export function unknown(what: string, exit: number, stderr: string): ToolResult {
  return { ...fail(exit, stderr), unknown: what };
}
