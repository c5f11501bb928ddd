import { choiceOf } from '../form/held.ts';
import type { Placed } from '../form/placed.ts';
import { objects, str } from '../json.ts';
import { useSurface } from '../model/surface.ts';
import { chooseOverflow } from '../model/use-element.ts';
import { Plain } from '../text/marks.tsx';
import { safeUrl } from '../text/mrkdwn.ts';
import { Icon } from '../widgets/icon.tsx';
import { MenuButton } from '../widgets/menu.tsx';

/** The ⋯ menu beside a section or among buttons. */
export function OverflowElement({ placed }: { readonly placed: Placed }) {
  const on = useSurface();
  const { element, blockId, actionId } = placed;
  const items = objects(element.options).map((option) => {
    const { value, label, description } = choiceOf(option);
    const url = safeUrl(str(option.url));
    return {
      id: value,
      label: <Plain text={label} />,
      detail: description,
      run: () => {
        if (url !== null) window.open(url, '_blank', 'noopener,noreferrer');
        chooseOverflow(on, placed, value);
      },
    };
  });
  return (
    <MenuButton
      label="More options"
      class="button plain icon-only"
      items={items}
      testId="block-overflow"
      blockId={blockId}
      actionId={actionId}
    >
      <Icon name="more" />
    </MenuButton>
  );
}
