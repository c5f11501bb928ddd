import type { Notice } from '../domain/notice.ts';
import { renderNotice, renderStep } from './render.ts';
import type { Terminal } from './terminal.ts';
import { plain } from './text-width.ts';

/** Tells on stderr how an operation goes on: the plan once, then a line for each step that moved and each new title. */
export function makeProgress(terminal: Terminal, options: { readonly showPlan: boolean }) {
  const seen = new Map<string, string>();
  let title: string | null = null;
  return (notice: Notice): void => {
    const steps = notice.steps ?? [];
    if (title === null) {
      for (const [i, step] of steps.entries()) seen.set(`${i}`, step.state);
      if (options.showPlan) terminal.err(renderNotice(withoutButtons(notice), terminal.errScreen));
      else terminal.err(plain(notice.title));
    } else {
      // The end is told by the result.
      const onItsWay = notice.tone === 'busy' || notice.tone === 'wait';
      if (notice.title !== title && onItsWay) terminal.err(plain(notice.title));
      for (const [i, step] of steps.entries()) {
        if (seen.get(`${i}`) === step.state) continue;
        seen.set(`${i}`, step.state);
        if (step.state !== 'waiting') terminal.err(`  ${renderStep(step, terminal.errScreen)}`);
      }
    }
    title = notice.title;
  };
}

function withoutButtons(notice: Notice): Notice {
  const { buttons: _, ...rest } = notice;
  return rest;
}
