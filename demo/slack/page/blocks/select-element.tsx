import { useMemo } from 'preact/hooks';
import { heldBy } from '../form/form-state.ts';
import type { Choice } from '../form/held.ts';
import { fieldKey, type Placed } from '../form/placed.ts';
import { choiceGroups } from '../form/suggestions.ts';
import { isJson, num, str, strings, textOf } from '../json.ts';
import { conversationName, conversations, everybody } from '../model/directory.ts';
import { type OnSurface, useSurface } from '../model/surface.ts';
import { choose, suggest } from '../model/use-element.ts';
import { Combobox } from '../widgets/combobox.tsx';
import type { Offer } from '../widgets/options.ts';
import type { FieldLinks } from './element.tsx';

/** Every select: static, external, users, channels, conversations; of one or several. */
export function SelectElement({ placed, links }: { readonly placed: Placed; readonly links: FieldLinks | undefined }) {
  const on = useSurface();
  const { element, blockId, actionId, type, block } = placed;
  const held = heldBy(on.surface.typed.value, placed, on.values);
  const offer = useOffer(on, placed);
  const label = textOf(block.label) || textOf(element.placeholder) || 'Select';
  const many = type.startsWith('multi_');
  const chosen = 'chosen' in held ? held.chosen.map((choice) => named(choice, offer)) : [];
  return (
    <Combobox
      {...(links === undefined ? {} : { id: links.id })}
      label={label}
      placeholder={textOf(element.placeholder) || (many ? 'Select options' : 'Select an option')}
      offer={offer}
      chosen={chosen}
      many={many}
      most={num(element.max_selected_items, Number.POSITIVE_INFINITY)}
      least={type.includes('external') ? num(element.min_query_length, 3) : 0}
      clearable={block.type === 'input'}
      busy={on.surface.busy.value.has(fieldKey(placed))}
      autoFocus={element.focus_on_load === true}
      describedBy={links?.describedBy}
      invalid={links?.invalid === true}
      testId="block-select"
      blockId={blockId}
      actionId={actionId}
      onChange={(now) => choose(on, placed, { chosen: now })}
    />
  );
}

/** Ids bear no label; the list knows it. */
function named(choice: Choice, offer: Offer): Choice {
  if (choice.label !== '' || typeof offer === 'function')
    return choice.label === '' ? { ...choice, label: choice.value } : choice;
  const known = offer.flatMap(({ choices }) => choices).find(({ value }) => value === choice.value);
  return known ?? { ...choice, label: choice.value };
}

function useOffer(on: OnSurface, placed: Placed): Offer {
  const { element, type } = placed;
  const kind = type.replace(/^multi_/, '').replace(/_select$/, '');
  const people = kind === 'users' ? everybody.value : undefined;
  const rooms = kind === 'channels' || kind === 'conversations' ? conversations.value : undefined;
  return useMemo<Offer>(() => {
    if (kind === 'external') return (text: string) => suggest(on, placed, text);
    if (people !== undefined) {
      const choices = people
        .filter(({ deleted }) => !deleted)
        .map(({ id, realName, name }) => ({
          value: id,
          label: realName || name,
          description: `@${name}`,
        }));
      return [{ label: '', choices }];
    }
    if (rooms !== undefined) {
      const wanted = kind === 'channels' ? ['public'] : strings(isJson(element.filter) ? element.filter.include : null);
      const choices = rooms
        .filter((room) => wanted.length === 0 || wanted.includes(room.kind))
        .map((room) => ({
          value: room.id,
          label: room.kind === 'im' || room.kind === 'mpim' ? conversationName(room) : `#${room.name}`,
          description: '',
        }));
      return [{ label: '', choices }];
    }
    return choiceGroups(element.option_groups, element.options);
  }, [kind, people, rooms, on.surface, str(element.action_id), JSON.stringify(element)]);
}
