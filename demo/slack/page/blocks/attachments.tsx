import { isJson, type Json, objects, str } from '../json.ts';
import { Link, Mrkdwn } from '../text/marks.tsx';
import { Blocks } from './blocks.tsx';

const COLOURS: Readonly<Record<string, string>> = { good: 'var(--good)', warning: 'var(--warn)', danger: 'var(--bad)' };

/** Attachments: the older kind of message, with a bar of colour. */
export function Attachments({ attachments }: { readonly attachments: readonly Json[] }) {
  return (
    <>
      {attachments.map((one, index) => (
        <div key={index} class="attachment" style={{ borderColor: colourOf(one.color) }}>
          {str(one.pretext) !== '' && <Mrkdwn text={str(one.pretext)} />}
          {str(one.author_name) !== '' && <small>{str(one.author_name)}</small>}
          {str(one.title) !== '' && (
            <strong>
              <Link url={str(one.title_link)}>{str(one.title)}</Link>
            </strong>
          )}
          {objects(one.blocks).length > 0 ? <Blocks blocks={objects(one.blocks)} /> : <Mrkdwn text={str(one.text)} />}
          {objects(one.fields).length > 0 && (
            <div class="fields">
              {objects(one.fields)
                .filter(isJson)
                .map((field, at) => (
                  <div key={at} class="field">
                    <strong>{str(field.title)}</strong>
                    <div>
                      <Mrkdwn text={str(field.value)} />
                    </div>
                  </div>
                ))}
            </div>
          )}
          {str(one.footer) !== '' && <small>{str(one.footer)}</small>}
        </div>
      ))}
    </>
  );
}

function colourOf(value: unknown): string {
  const colour = str(value);
  if (/^#?[0-9a-f]{6}$/i.test(colour)) return colour.startsWith('#') ? colour : `#${colour}`;
  return COLOURS[colour] ?? 'var(--line-strong)';
}
