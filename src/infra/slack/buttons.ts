import type { types } from '@slack/bolt';
import type { Button, Press } from '../../domain/notice.ts';
import { PRESS } from '../../domain/notice-schema.ts';
import { LIMITS } from './limits.ts';
import { clip } from './text.ts';

/** Labels and confirm dialogs together: they count among a message's characters. */
const BUTTONS_CHARS = 2000;
/** Title and both buttons of a confirm dialog. */
const CONFIRM_FRAME_CHARS = LIMITS.confirmTitleChars + 2 * LIMITS.confirmButtonChars;

/** The row of buttons, or nothing where there are none; those beyond Slack's limits are left out. */
export function drawButtons(buttons: readonly Button[]): types.ActionsBlock[] {
  if (buttons.length === 0) return [];
  let room = BUTTONS_CHARS;
  const shown = buttons.slice(0, LIMITS.buttonsPerBlock).filter(({ label, confirm }) => {
    room -= Math.min(label.length, LIMITS.buttonChars);
    if (confirm !== undefined) room -= Math.min(confirm.text.length, LIMITS.confirmTextChars) + CONFIRM_FRAME_CHARS;
    return room >= 0;
  });
  const elements = shown.map((button, index): types.Button => {
    const { confirm } = button;
    return {
      type: 'button',
      action_id: `${PRESS}${button.press.do}:${index}`,
      text: { type: 'plain_text', text: clip(button.label || '…', LIMITS.buttonChars), emoji: true },
      value: JSON.stringify(fitting(button.press)),
      ...(button.style === undefined ? {} : { style: button.style }),
      ...(confirm === undefined
        ? {}
        : {
            confirm: {
              title: { type: 'plain_text', text: clip(confirm.title, LIMITS.confirmTitleChars) },
              text: { type: 'plain_text', text: clip(confirm.text, LIMITS.confirmTextChars) },
              confirm: { type: 'plain_text', text: clip(confirm.yes, LIMITS.confirmButtonChars) },
              deny: { type: 'plain_text', text: 'Back' },
              ...(button.style === 'danger' ? { style: 'danger' } : {}),
            },
          }),
    };
  });
  return [{ type: 'actions', elements }];
}

/** A press that fits a button's value: an input that is too long loses its longest fields, and its modal asks for them anew. */
function fitting(press: Press): Press {
  if (JSON.stringify(press).length <= LIMITS.buttonValueChars) return press;
  if (press.do !== 'run' && press.do !== 'open') return press;
  const fields = Object.entries(press.input).sort(
    ([, a], [, b]) => JSON.stringify(a ?? null).length - JSON.stringify(b ?? null).length,
  );
  for (;;) {
    fields.pop();
    const shorter: Press = { do: 'open', name: press.name, input: Object.fromEntries(fields) };
    if (fields.length === 0 || JSON.stringify(shorter).length <= LIMITS.buttonValueChars) return shorter;
  }
}
