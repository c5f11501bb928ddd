import type { Bus } from '../bus.ts';
import { asText, isJson, type Json } from '../json.ts';
import { initialState, keepState } from '../persona/element-state.ts';
import type { View } from './types.ts';
import type { Workspace } from './workspace.ts';

/** Root and two pushed on it (views.push: push_limit_reached). */
const STACK_LIMIT = 3;

/** Views that users have open, and their Home tabs. */
export interface Views {
  /** The user's modals, root first, the visible one last. */
  stack(user: string): View[];
  home(user: string): View | undefined;
  homes(): View[];
  find(id: string): View | undefined;
  byExternalId(externalId: string): View | undefined;
  /** Closes what was open and shows this. */
  open(user: string, source: Json): View;
  /** Shows this over what is open; undefined where three are. */
  push(user: string, source: Json): View | undefined;
  /** New content under the same id; what the user typed stays where block_id and action_id stay. */
  update(view: View, source: Json): void;
  publish(user: string, source: Json): View;
  /** Takes the visible view away; the one under it shows. */
  pop(user: string): void;
  clear(user: string): void;
}

const optional = (key: 'title' | 'submit' | 'close', source: Json): Json => {
  const value = source[key];
  return isJson(value) ? { [key]: value } : {};
};

/** Makes the store of views, with Home tabs as they were before. The sources given to it have passed the checks. */
export const createViews = (workspace: Workspace, bus: Bus, now: () => number, former: readonly View[] = []): Views => {
  const stacks = new Map<string, View[]>();
  const homes = new Map(former.map((view) => [view.user, view]));
  const all = (): View[] => [...[...stacks.values()].flat(), ...homes.values()];
  const freshHash = (): string => `${Math.floor(now() / 1000)}.${workspace.ids.short()}`;

  const content = (source: Json) => ({
    ...optional('title', source),
    ...optional('submit', source),
    ...optional('close', source),
    blocks: Array.isArray(source.blocks) ? source.blocks.filter(isJson) : [],
    callbackId: asText(source.callback_id) ?? '',
    externalId: asText(source.external_id) ?? '',
    privateMetadata: asText(source.private_metadata) ?? '',
    clearOnClose: source.clear_on_close === true,
    notifyOnClose: source.notify_on_close === true,
  });

  const make = (user: string, source: Json, below?: View): View => {
    const id = workspace.ids.next('V');
    const parts = content(source);
    return {
      id,
      user,
      type: source.type === 'home' ? 'home' : 'modal',
      ...parts,
      hash: freshHash(),
      rootViewId: below?.rootViewId ?? id,
      ...(below === undefined ? {} : { previousViewId: below.id }),
      values: initialState(parts.blocks),
      errors: {},
    };
  };

  const views: Views = {
    stack: (user) => stacks.get(user) ?? [],
    home: (user) => homes.get(user),
    homes: () => [...homes.values()],
    find: (id) => all().find((view) => view.id === id),
    byExternalId: (externalId) => all().find((view) => view.externalId === externalId),
    open: (user, source) => {
      const view = make(user, source);
      stacks.set(user, [view]);
      bus.changed();
      return view;
    },
    push: (user, source) => {
      const stack = views.stack(user);
      if (stack.length >= STACK_LIMIT) return undefined;
      const view = make(user, source, stack.at(-1));
      stacks.set(user, [...stack, view]);
      bus.changed();
      return view;
    },
    update: (view, source) => {
      const parts = content(source);
      delete view.title;
      delete view.submit;
      delete view.close;
      Object.assign(view, parts, { hash: freshHash(), errors: {}, values: keepState(view.values, parts.blocks) });
      bus.changed();
    },
    publish: (user, source) => {
      const present = homes.get(user);
      if (present) {
        views.update(present, source);
        return present;
      }
      const view = make(user, source);
      homes.set(user, view);
      bus.changed();
      return view;
    },
    pop: (user) => {
      stacks.set(user, views.stack(user).slice(0, -1));
      bus.changed();
    },
    clear: (user) => {
      stacks.set(user, []);
      bus.changed();
    },
  };
  return views;
};
