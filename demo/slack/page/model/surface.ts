import { type Signal, signal } from '@preact/signals';
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { ActTarget, Draft } from '../../ui/protocol.ts';
import { type Typed, touchedValues } from '../form/form-state.ts';
import type { Held } from '../form/held.ts';
import { fieldKey, type Placed } from '../form/placed.ts';
import type { Json } from '../json.ts';

/** What blocks stand on: a message, a modal, or the Home tab, with what a person has put in there. */
export interface Surface {
  readonly kind: 'message' | 'modal' | 'home';
  /** Tells surfaces apart. */
  readonly key: string;
  readonly target: ActTarget;
  readonly typed: Signal<Typed>;
  /** Elements whose app has been told something and hasn't answered yet. */
  readonly busy: Signal<ReadonlySet<string>>;
  /** What went wrong at an element, by its block_id. */
  readonly faults: Signal<ReadonlyMap<string, string>>;
}

const surfaces = new Map<string, Surface>();

/** The surface of this key: the same for as long as the page lives, so that nothing typed is lost by drawing anew. */
export function surfaceOf(kind: Surface['kind'], key: string, target: ActTarget): Surface {
  const known = surfaces.get(key);
  if (known !== undefined) return known;
  const made: Surface = {
    kind,
    key,
    target,
    typed: signal<Typed>(new Map()),
    busy: signal<ReadonlySet<string>>(new Set()),
    faults: signal<ReadonlyMap<string, string>>(new Map()),
  };
  surfaces.set(key, made);
  return made;
}

/** Forgets all: somebody else sits here now. */
export function forgetSurfaces(): void {
  surfaces.clear();
}

/** Forgets a surface that is closed, and what was typed there. */
export function forgetSurface(key: string): void {
  surfaces.delete(key);
}

/** Where elements find their surface. */
export interface OnSurface {
  readonly surface: Surface;
  readonly blocks: readonly Json[];
  /** What the server holds of the fields. */
  readonly values: unknown;
  /** Errors under fields. */
  readonly errors: Readonly<Record<string, string>>;
}

const nowhere: OnSurface = {
  surface: surfaceOf('message', '', { home: true }),
  blocks: [],
  values: undefined,
  errors: {},
};

/** Given by messages, modals and the Home tab to the blocks in them. */
export const SurfaceContext = createContext<OnSurface>(nowhere);

/** The surface that an element stands on. */
export function useSurface(): OnSurface {
  return useContext(SurfaceContext);
}

/** Keeps what was put in a field. */
export function putIn(surface: Surface, placed: Placed, held: Held): void {
  surface.typed.value = new Map(surface.typed.peek()).set(fieldKey(placed), held);
  setFault(surface, placed.blockId, undefined);
}

/** What was put in and not sent, for the server: with every press. */
export function draftOf(surface: Surface, blocks: readonly Json[]): Draft {
  return Object.fromEntries(
    touchedValues(blocks, surface.typed.peek()).map(([{ blockId }, value]) => [blockId, value]),
  );
}

/** Sets or clears what is said under a block. */
export function setFault({ faults }: Surface, blockId: string, text: string | undefined): void {
  if (faults.peek().get(blockId) === text) return;
  const next = new Map(faults.peek());
  if (text === undefined) next.delete(blockId);
  else next.set(blockId, text);
  faults.value = next;
}
