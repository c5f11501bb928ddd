import type { types } from '@slack/bolt';
import type { Asker, HandlerDeps } from './deps.ts';
import { loadingView, textView } from './form-view.ts';
import { fillModal, openModal } from './modal.ts';
import { whisper } from './whisper.ts';

/** Slack's limit of blocks in a view, with room for the last line. */
const MOST_BLOCKS = 96;

/** Each step's commands and what they said, in a modal. */
export async function showCommands(asker: Asker, operationId: string, deps: HandlerDeps): Promise<void> {
  const modal = await openModal(asker, loadingView(null), deps);
  const steps = deps.service.commandsOf(operationId);
  if (steps === null || modal === null) {
    const reason =
      steps === null ? 'This operation is not known any more.' : 'Slack’s three seconds for it were over: press again.';
    return whisper(asker, { tone: 'warn', title: 'The commands can’t be shown', lines: [reason] }, deps);
  }
  const blocks: types.KnownBlock[] = [];
  for (const [index, { title, host, lines }] of steps.entries()) {
    const code = { label: `${title} · ${host}`, text: lines.join('\n') };
    const drawn = deps.draw({ tone: 'plain', title: '', code }, { surface: 'modal' });
    if (blocks.length + drawn.blocks.length > MOST_BLOCKS) {
      blocks.push(...deps.draw({ tone: 'plain', title: '', lines: [`… ${steps.length - index} more steps`] }).blocks);
      break;
    }
    blocks.push(...drawn.blocks);
  }
  await fillModal(asker, modal, textView('Commands', blocks), deps);
}
