import type { World } from '../world.ts';
import { activeTrouble } from './entities.ts';
import type { TroubleAnswer, TroubleRequest } from './protocol.ts';

const RETRY_AFTER_S = 30;
const SLOWER_S = 2;

const inject = ({ trouble }: World, { kind, method = '*', times = Infinity, ...more }: TroubleRequest): boolean => {
  switch (kind) {
    case 'rate-limit':
      trouble.next(method, { status: 429, retryAfter: Math.max(1, Math.ceil(more.seconds ?? RETRY_AFTER_S)), times });
      return true;
    case 'error':
      trouble.next(method, { error: more.error ?? 'internal_error', times });
      return true;
    case 'lost':
      trouble.next(method, { lost: true, times });
      return true;
    case 'slow':
      if (method === '*' && times === Infinity) trouble.slow((more.seconds ?? SLOWER_S) * 1000);
      else trouble.next(method, { delay: (more.seconds ?? SLOWER_S) * 1000, times });
      return true;
    case 'down':
    case 'up':
      trouble.down(kind === 'down');
      return true;
    case 'drop-sockets':
      return trouble.dropSockets() > 0;
    case 'refresh':
      return trouble.refresh(more.seconds === undefined ? {} : { closeAfter: more.seconds * 1000 });
    case 'duplicate':
      trouble.duplicate(method === '*' ? undefined : method, times);
      return true;
    case 'clear':
      return trouble.clear(more.id) > 0 || more.id === undefined;
  }
};

/** Makes something go wrong, or ends that. */
export const runTrouble = (world: World, request: TroubleRequest): TroubleAnswer => {
  if (inject(world, request)) return { ok: true, active: world.trouble.active().map(activeTrouble) };
  const message = request.kind === 'clear' ? 'That trouble is over already.' : 'The app has no socket open.';
  return { ok: false, error: { message } };
};
