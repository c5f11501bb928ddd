import { useState } from 'preact/hooks';
import { isJson, type Json, objects, textOf } from '../json.ts';
import { TextObject } from '../text/marks.tsx';
import { Element } from './element.tsx';

/** Longer texts are folded, as Slack does unless the block says `expand`. */
const FOLD_CHARS = 1200;
const FOLD_LINES = 14;

/** A text with fields below and something beside it. */
export function SectionBlock({ block }: { readonly block: Json }) {
  const fields = objects(block.fields);
  return (
    <div class="section">
      <div class="section-body">
        {isJson(block.text) && <Folded text={block.text} open={block.expand === true} />}
        {fields.length > 0 && (
          <div class="fields">
            {fields.map((field, index) => (
              <div key={index} class="field">
                <TextObject value={field} />
              </div>
            ))}
          </div>
        )}
      </div>
      {isJson(block.accessory) && (
        <div class="accessory">
          <Element block={block} element={block.accessory} />
        </div>
      )}
    </div>
  );
}

function Folded({ text, open }: { readonly text: Json; readonly open: boolean }) {
  const [whole, setWhole] = useState(open);
  const source = textOf(text);
  const long = source.length > FOLD_CHARS || source.split('\n').length > FOLD_LINES;
  return (
    <div class="section-text">
      <div class={long && !whole ? 'folded' : ''}>
        <TextObject value={text} />
      </div>
      {long && (
        <button type="button" class="link-button" aria-expanded={whole} onClick={() => setWhole(!whole)}>
          {whole ? 'Show less' : 'Show more'}
        </button>
      )}
    </div>
  );
}
