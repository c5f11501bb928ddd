import { SlackError } from '../api/method.ts';
import { createPersona } from '../persona/persona.ts';
import type { World } from '../world.ts';
import { refused } from './act-answer.ts';
import { channelAct } from './channel-acts.ts';
import { elementAct } from './element-acts.ts';
import { messageAct } from './message-acts.ts';
import type { ActAnswer, ActRequest } from './protocol.ts';

const run = (world: World, act: ActRequest): Promise<ActAnswer> => {
  const persona = createPersona(world, act.as);
  switch (act.act) {
    case 'click':
    case 'select':
    case 'suggest':
    case 'submit':
    case 'close':
      return elementAct(world, persona, act);
    case 'slash':
    case 'say':
    case 'edit':
    case 'delete':
    case 'read':
    case 'dismiss':
    case 'react':
    case 'upload':
    case 'shortcut':
      return messageAct(world, persona, act);
    default:
      return channelAct(world, persona, act);
  }
};

/** How the parts of this server begin what they say against a person's (or a test's) act. */
const MARK = 'chat server: ';

/** Does what a persona wants, and says what came of it. Rejects only where this server itself is at fault. */
export const runAct = async (world: World, act: ActRequest): Promise<ActAnswer> => {
  try {
    return await run(world, act);
  } catch (cause) {
    if (cause instanceof SlackError) return refused(cause.code);
    if (cause instanceof Error && cause.message.startsWith(MARK)) {
      const text = cause.message.slice(MARK.length);
      return refused(`${text.charAt(0).toUpperCase()}${text.slice(1)}.`);
    }
    throw cause;
  }
};
