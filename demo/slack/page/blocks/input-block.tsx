import { useMemo } from 'preact/hooks';
import { isJson, type Json, str, textOf } from '../json.ts';
import { useSurface } from '../model/surface.ts';
import { Plain, saysSomething } from '../text/marks.tsx';
import { freshId } from '../widgets/ids.ts';
import { Element } from './element.tsx';

/** A field with its label, hint and what is wrong with it. */
export function InputBlock({ block }: { readonly block: Json }) {
  const on = useSurface();
  const id = useMemo(() => freshId('field'), []);
  const blockId = str(block.block_id);
  const error = on.errors[blockId] ?? on.surface.faults.value.get(blockId);
  const hint = saysSomething(block.hint);
  const describedBy = [error === undefined ? '' : `${id}-error`, hint ? `${id}-hint` : ''].filter(Boolean).join(' ');
  const links = { id, describedBy: describedBy === '' ? undefined : describedBy, invalid: error !== undefined };
  return (
    <div class="input-block" data-testid="field" data-block-id={blockId}>
      <label htmlFor={id} class="input-label">
        <Plain text={textOf(block.label)} />
        {block.optional === true ? <span class="optional"> (optional)</span> : <Required />}
      </label>
      {isJson(block.element) && <Element block={block} element={block.element} links={links} />}
      {error !== undefined && (
        <p id={`${id}-error`} class="fault" role="alert" data-testid="field-error" data-block-id={blockId}>
          {error}
        </p>
      )}
      {hint && (
        <p id={`${id}-hint`} class="hint">
          <Plain text={textOf(block.hint)} />
        </p>
      )}
    </div>
  );
}

function Required() {
  return (
    <span class="required" title="Required">
      <span aria-hidden="true"> *</span>
      <span class="sr-only"> (required)</span>
    </span>
  );
}
