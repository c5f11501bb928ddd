import { effect, signal } from '@preact/signals';
import type { PageMessage } from '../../ui/protocol.ts';
import { isPatch } from './keys.ts';
import { asName, nameMe } from './place.ts';
import { applyPatch, store } from './store.ts';
import { forgetSurfaces } from './surface.ts';

/** `connecting` at first, `live`, `lost` with the next attempt under way; `stranger`: there is no such person. */
export const connection = signal<'connecting' | 'live' | 'lost' | 'stranger'>('connecting');
/** Whether the inspector wants to see what goes over the wire. */
export const watchTraffic = signal(false);

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;
let socket: WebSocket | undefined;
let again: ReturnType<typeof setTimeout> | undefined;
let failures = 0;

/** Keeps the page connected as the persona of the address, whatever happens. */
export function stayConnected(): void {
  effect(() => {
    const name = asName.value;
    clearTimeout(again);
    failures = 0;
    forgetSurfaces();
    connect(name);
  });
  effect(() => {
    send({ type: 'watch', traffic: watchTraffic.value });
  });
  window.addEventListener('online', () => {
    if (connection.peek() === 'lost') connect(asName.peek());
  });
}

/** Says something to the server; what is said while it is away is lost. */
export function send(message: PageMessage): void {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
}

/** A WebSocket doesn't say why it was refused; a plain request does. */
async function checkName(name: string): Promise<void> {
  const answer = await fetch(`/ui/state?as=${encodeURIComponent(name)}`).catch(() => undefined);
  if (answer?.status === 404 && asName.peek() === name) connection.value = 'stranger';
}

function connect(name: string): void {
  clearTimeout(again);
  const before = socket;
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  const next = new WebSocket(`${scheme}://${location.host}/ui/ws?as=${encodeURIComponent(name)}`);
  socket = next;
  before?.close();
  let whole = true;
  next.addEventListener('open', () => send({ type: 'watch', traffic: watchTraffic.peek() }));
  next.addEventListener('message', ({ data }) => {
    if (socket !== next) return;
    const patch: unknown = JSON.parse(String(data));
    if (!isPatch(patch)) return;
    applyPatch(patch.set, patch.del, patch.at, whole);
    if (asName.peek() === '' && store.me.peek() !== undefined) nameMe(store.me.peek()?.name ?? '');
    whole = false;
    failures = 0;
    connection.value = 'live';
  });
  next.addEventListener('close', () => {
    if (socket !== next) return;
    if (connection.peek() !== 'stranger') connection.value = store.me.peek() === undefined ? 'connecting' : 'lost';
    if (failures === 0) checkName(name);
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures);
    failures += 1;
    again = setTimeout(() => connect(name), wait);
  });
}
