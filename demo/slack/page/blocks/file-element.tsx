import { heldBy } from '../form/form-state.ts';
import type { Placed } from '../form/placed.ts';
import { num } from '../json.ts';
import { store } from '../model/store.ts';
import { putIn, useSurface } from '../model/surface.ts';
import { Combobox } from '../widgets/combobox.tsx';
import { Icon } from '../widgets/icon.tsx';
import type { FieldLinks } from './element.tsx';

/** Files that were shared before; new ones are put into a channel first. */
export function FileElement({ placed, links }: { readonly placed: Placed; readonly links: FieldLinks | undefined }) {
  const on = useSurface();
  const { element, blockId, actionId } = placed;
  const held = heldBy(on.surface.typed.value, placed, on.values);
  const files = [...store.files.all.value.values()];
  const choices = files.map(({ id, name, size }) => ({ value: id, label: name, description: `${size} bytes` }));
  const chosen = 'chosen' in held ? held.chosen : [];
  const labelled = chosen.map((one) => choices.find(({ value }) => value === one.value) ?? one);
  return (
    <div class="file-field">
      <Icon name="file" />
      <Combobox
        {...(links === undefined ? {} : { id: links.id })}
        label="Files"
        placeholder={files.length === 0 ? 'No files shared yet: drop one into a channel first' : 'Choose files'}
        offer={[{ label: '', choices }]}
        chosen={labelled}
        many
        most={num(element.max_files, 10)}
        describedBy={links?.describedBy}
        invalid={links?.invalid === true}
        testId="block-files"
        blockId={blockId}
        actionId={actionId}
        onChange={(now) => putIn(on.surface, placed, { chosen: now })}
      />
    </div>
  );
}
