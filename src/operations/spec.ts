import type { z } from 'zod';
import type { Actor, Permission, Risk } from '../domain/access.ts';
import type { Button, Fact, Notice } from '../domain/notice.ts';
import type { Amounts } from '../domain/plan.ts';
import type { Settings } from '../domain/settings.ts';
import type { Driver } from './driver.ts';
import type { CheckHost, Clock, Fleet } from './ports.ts';
import type { Step } from './step.ts';
import type { Rows } from './store.ts';

/** Where a field's choices come from, so that a modal can offer them and a shell complete them. */
export const CHOICES = [
  'vm',
  'vm-trashed',
  'image',
  'flavor',
  'team',
  'host',
  'network',
  'key',
  'operation',
  'job',
  'alert',
  'person',
  'backup',
  'drill',
] as const;
export type Choices = (typeof CHOICES)[number];

interface Common<I> {
  /** `vm.create`; `vm.disk.extend` is typed `/vm disk extend`. */
  readonly name: string;
  /** One line, without a full stop. */
  readonly summary: string;
  /** Paragraphs for `--help`. */
  readonly details?: string;
  readonly input: z.ZodType<I>;
  /** Fields that may be given without their flag, in order. */
  readonly positional: readonly (keyof I & string)[];
  readonly permission: Permission;
  readonly examples: readonly string[];
}

/** What every operation may look at. */
export interface ReadContext {
  readonly settings: Settings;
  readonly rows: Rows;
  readonly fleet: Fleet;
  readonly driver: Driver;
  readonly clock: Clock;
  readonly actor: Actor;
  /** The team that the request stands in: the flag's, else the channel's, else the actor's only one; null where that leaves a choice. */
  readonly team: string | null;
  readonly catalog: readonly Operation[];
  /** `--all`: across teams, for those who may. */
  readonly all: boolean;
  /** From rows alone: what is drawn anew by itself doesn’t ask the hosts. */
  readonly asSeen: boolean;
  readonly checkHost: CheckHost;
}

export type LookTime = 'plan' | 'press';

/** The answer of a read: for people, and for scripts. */
export interface Reading {
  readonly notice: Notice;
  readonly json: unknown;
}

export interface ReadSpec<I> extends Common<I> {
  readonly kind: 'read';
  readonly read: (input: I, context: ReadContext) => Promise<Reading>;
}

/** What a plan may mint. */
export type Minted = 'vm-id' | 'uuid' | 'mac' | 'img-id' | 'snap-id' | 'bak-id' | 'drill-id';

export interface PlanContext {
  readonly settings: Settings;
  readonly rows: Rows;
  readonly actor: Actor;
  readonly team: string | null;
  readonly now: number;
  /**
   * Ids, MACs and UUIDs of this plan. A second planning of the same request gets the same ones, and its first host, so that only
   * a change of the world can make another plan of it.
   */
  readonly mint: (key: string, make: Minted) => string;
  /** What the first planning found and later ones stand by, though it may have changed: what would be no other plan for people. */
  readonly keep: (key: string, found: string) => string;
  readonly opId: string;
  /** The host that the first planning chose; null in the first. */
  readonly pinned: string | null;
  readonly driver: Driver;
}

export interface Draft<F> {
  /** All that the steps need: JSON, with nothing from the clock. Kept in the operation's row. */
  readonly facts: F;
  readonly title: string;
  /** What the button says: `Create`. */
  readonly verb: string;
  readonly team: string | null;
  /** `vm:team-01/web-01`, `image:tiny`: what the audit files it under. */
  readonly subject: string;
  readonly host: string;
  readonly vmId: string | null;
  readonly risk: Risk;
  readonly locks: readonly string[];
  /** What it adds to the team's use on the host; NOTHING for most. */
  readonly adds: Amounts;
  readonly notes: readonly string[];
}

/** How a change ended, for its rows. */
export type End = 'succeeded' | 'failed' | 'stuck';

export interface ChangeSpec<I, F, L> extends Common<I> {
  readonly kind: 'change';
  /** For help and docs: the plan says it exactly. */
  readonly risk: Risk | 'by-input';
  readonly facts: z.ZodType<F>;
  /**
   * Asks hosts what rows can't tell, before the plan. Reads only. `plan`: somebody asks for it; `press`: it was shown, and
   * is made again because it was given the word.
   */
  readonly look: (input: I, context: ReadContext, when: LookTime) => Promise<L>;
  /** Synchronous, from rows and what `look` found. Throws BotError for what can't be done, and says what to type instead. */
  readonly plan: (input: I, context: PlanContext, looked: L) => Draft<F>;
  /**
   * It touches no host and is as easily taken back: it is done when it is asked for, without a card and a second press,
   * unless a rule wants somebody's approval.
   */
  readonly direct?: true;
  /** Pure: the same facts give the same steps, also after a restart. */
  readonly steps: (facts: F, driver: Driver, settings: Settings, opId: string) => readonly Step[];
  /** Rows when it is queued, in the transaction that takes the locks. */
  readonly begin: (facts: F, rows: Rows, now: number) => void;
  /** Rows at the end, in the transaction that writes it. `outputs` are the steps', by name. */
  readonly settle: (facts: F, end: End, rows: Rows, outputs: ReadonlyMap<string, unknown>, now: number) => void;
  /** What the final card adds: address, login line, buttons. */
  readonly report?: (facts: F, rows: Rows, settings: Settings, outputs: ReadonlyMap<string, unknown>) => Report;
}

export interface Report {
  readonly facts: readonly Fact[];
  readonly buttons: readonly Button[];
}

/** An operation with its types forgotten, as the catalog keeps it: its schemas stand where the types come back in. */
export type Operation = ForgottenRead | ForgottenChange;

type ForgottenRead = Omit<ReadSpec<never>, 'input'> & { readonly input: z.ZodType };

type ForgottenChange = Omit<ChangeSpec<never, never, never>, 'input' | 'facts' | 'look' | 'plan'> & {
  readonly input: z.ZodType;
  readonly facts: z.ZodType;
  readonly look: (input: never, context: ReadContext, when: LookTime) => Promise<unknown>;
  readonly plan: (input: never, context: PlanContext, looked: never) => Draft<unknown>;
};

/** Declares what only reads. */
export function defineRead<I>(spec: Omit<ReadSpec<I>, 'kind'>): ReadSpec<I> {
  return { kind: 'read', ...spec };
}

/** Declares a change: route, modal, help, manifest, access, approval, locks, audit and its place in the saga contract come from it. */
export function defineChange<I, F, L>(spec: Omit<ChangeSpec<I, F, L>, 'kind'>): ChangeSpec<I, F, L> {
  return { kind: 'change', ...spec };
}
