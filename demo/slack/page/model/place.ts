import { signal } from '@preact/signals';

/** What the page shows; all of it stands in the address, so that it can be linked to. */
export interface Place {
  /** Id or name of a conversation. */
  readonly channel?: string;
  /** The other in a direct conversation, by name. */
  readonly dm?: string;
  /** ts of the thread that is open beside it. */
  readonly thread?: string;
  /** The app's Home tab. */
  readonly home?: boolean;
  /** ts of a message to scroll to and flash. */
  readonly message?: string;
}

/** Where the page is. */
export const place = signal<Place>(placeOf(location.search));

/** As whom. */
export const asName = signal(new URLSearchParams(location.search).get('as') ?? '');

/** Reads the address. */
function placeOf(search: string): Place {
  const query = new URLSearchParams(search);
  const text = (name: 'channel' | 'dm' | 'thread' | 'message'): Place => {
    const value = query.get(name);
    return value === null || value === '' ? {} : { [name]: value };
  };
  const home = query.get('home');
  return {
    ...text('channel'),
    ...text('dm'),
    ...text('thread'),
    ...text('message'),
    ...(home === null || home === '0' ? {} : { home: true }),
  };
}

/** The address of a place. */
export function addressOf(as: string, { channel, dm, thread, home, message }: Place): string {
  const query = new URLSearchParams();
  if (as !== '') query.set('as', as);
  if (home) query.set('home', '1');
  else if (channel !== undefined) query.set('channel', channel);
  else if (dm !== undefined) query.set('dm', dm);
  if (thread !== undefined) query.set('thread', thread);
  if (message !== undefined) query.set('message', message);
  return `/?${query}`;
}

/** Goes there. */
export function openPlace(next: Place): void {
  place.value = next;
  history.pushState(null, '', addressOf(asName.peek(), next));
}

/** Opens or closes the thread beside what is shown. */
export function openThread(thread: string | undefined): void {
  const { thread: _closed, message: _flashed, ...rest } = place.peek();
  openPlace(thread === undefined ? rest : { ...rest, thread });
}

/** Becomes somebody else, at the same place. */
export function becomePersona(name: string): void {
  asName.value = name;
  history.pushState(null, '', addressOf(name, place.peek()));
}

/** Whom the server took one for where the address named nobody: no change of person. */
export function nameMe(name: string): void {
  history.replaceState(null, '', addressOf(name, place.peek()));
  asName.value = name;
}

window.addEventListener('popstate', () => {
  place.value = placeOf(location.search);
  asName.value = new URLSearchParams(location.search).get('as') ?? '';
});
