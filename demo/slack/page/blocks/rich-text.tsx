import type { ComponentChildren } from 'preact';
import { isJson, type Json, num, objects, str } from '../json.ts';
import { emojiOf } from '../text/emoji.ts';
import { Emoji, InlineView, Link } from '../text/marks.tsx';
import { safeUrl } from '../text/mrkdwn.ts';

/** Text whose marks are data. */
export function RichTextBlock({ block }: { readonly block: Json }) {
  return (
    <div class="rich-text">
      {objects(block.elements).map((part, index) => (
        <RichPart key={index} part={part} />
      ))}
    </div>
  );
}

function RichPart({ part }: { readonly part: Json }) {
  const inside = objects(part.elements);
  switch (part.type) {
    case 'rich_text_preformatted':
      return (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        <pre class="pre" tabIndex={0}>
          <RichInline parts={inside} />
        </pre>
      );
    case 'rich_text_quote':
      return (
        <blockquote class="quote lines">
          <RichInline parts={inside} />
        </blockquote>
      );
    case 'rich_text_list':
      return <RichList part={part} items={inside} />;
    default:
      return (
        <div class="lines">
          <RichInline parts={inside} />
        </div>
      );
  }
}

function RichList({ part, items }: { readonly part: Json; readonly items: readonly Json[] }) {
  const indent = num(part.indent, 0);
  const style = { marginInlineStart: `${indent * 1.5}rem` };
  const lines = items.map((item, index) => (
    <li key={index}>
      <RichInline parts={objects(item.elements)} />
    </li>
  ));
  if (part.style === 'ordered') {
    return (
      <ol style={style} start={num(part.offset, 0) + 1} class={`list level-${indent % 3}`}>
        {lines}
      </ol>
    );
  }
  return (
    <ul style={style} class={`list level-${indent % 3}`}>
      {lines}
    </ul>
  );
}

/** The parts of one line of rich text. */
function RichInline({ parts }: { readonly parts: readonly Json[] }) {
  return (
    <>
      {parts.map((part, index) => (
        <Styled key={index} style={part.style}>
          <RichAtom part={part} />
        </Styled>
      ))}
    </>
  );
}

function RichAtom({ part }: { readonly part: Json }) {
  switch (part.type) {
    case 'text':
      return <>{str(part.text)}</>;
    case 'link':
      return <Link url={str(part.url)}>{str(part.text) || str(part.url)}</Link>;
    case 'emoji': {
      const name = str(part.name);
      const char = emojiOf(name);
      return char === undefined ? <>:{name}:</> : <Emoji name={name} char={char} />;
    }
    case 'user':
      return <InlineView part={{ kind: 'user', id: str(part.user_id), label: '' }} />;
    case 'usergroup':
      return <InlineView part={{ kind: 'group', id: str(part.usergroup_id), label: '' }} />;
    case 'channel':
      return <InlineView part={{ kind: 'channel', id: str(part.channel_id), label: '' }} />;
    case 'broadcast':
      return <InlineView part={{ kind: 'broadcast', range: str(part.range) }} />;
    case 'date':
      return (
        <InlineView
          part={{
            kind: 'date',
            seconds: num(part.timestamp, 0),
            format: str(part.format),
            url: safeUrl(str(part.url)),
            fallback: str(part.fallback),
          }}
        />
      );
    case 'color':
      return (
        <>
          <span
            class="swatch"
            style={{ background: /^#[0-9a-f]{3,8}$/i.test(str(part.value)) ? str(part.value) : 'none' }}
          />
          {str(part.value)}
        </>
      );
    default:
      return <>{str(part.text)}</>;
  }
}

function Styled({ style, children }: { readonly style: unknown; readonly children: ComponentChildren }) {
  if (!isJson(style)) return <>{children}</>;
  let drawn = <>{children}</>;
  if (style.code === true) drawn = <code class="code">{drawn}</code>;
  if (style.bold === true) drawn = <strong>{drawn}</strong>;
  if (style.italic === true) drawn = <em>{drawn}</em>;
  if (style.strike === true) drawn = <s>{drawn}</s>;
  if (style.underline === true) drawn = <u>{drawn}</u>;
  return drawn;
}

/** Rich text as its characters: for sorting and filtering. */
export function richPlain(value: unknown): string {
  if (!isJson(value)) return '';
  return str(value.text) + objects(value.elements).map(richPlain).join('');
}
