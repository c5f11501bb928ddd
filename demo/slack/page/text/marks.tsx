import { useMemo } from 'preact/hooks';
import { isJson, type Json, str } from '../json.ts';
import { DateText, Mention } from './mention.tsx';
import { type Inline, type Paragraph, parseMrkdwn, parsePlain, safeUrl } from './mrkdwn.ts';

/** A link out of the page; an address that isn't web or mail is only text. */
export function Link({ url, children }: { readonly url: string; readonly children: string }) {
  const safe = safeUrl(url);
  if (safe === null) return <>{children}</>;
  return (
    <a href={safe} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  );
}

/** Slack's markup, drawn. */
export function Mrkdwn({ text, verbatim = false }: { readonly text: string; readonly verbatim?: boolean }) {
  const parts = useMemo(() => parseMrkdwn(text, { verbatim }), [text, verbatim]);
  return (
    <>
      {parts.map((part, index) => (
        <ParagraphView key={index} part={part} />
      ))}
    </>
  );
}

/** A plain text with its emoji. */
export function Plain({ text }: { readonly text: string }) {
  const parts = useMemo(() => parsePlain(text), [text]);
  return (
    <>
      {parts.map((part, index) => (
        <InlineView key={index} part={part} />
      ))}
    </>
  );
}

/** A text object of either kind. */
export function TextObject({ value }: { readonly value: unknown }) {
  if (!isJson(value)) return null;
  return value.type === 'mrkdwn' ? (
    <Mrkdwn text={str(value.text)} verbatim={value.verbatim === true} />
  ) : (
    <span class="lines">
      <Plain text={str(value.text)} />
    </span>
  );
}

function ParagraphView({ part }: { readonly part: Paragraph }) {
  if (part.kind === 'pre') return <pre class="pre">{part.text}</pre>;
  const inside = part.of.map((one, index) => <InlineView key={index} part={one} />);
  if (part.kind === 'quote') return <blockquote class="quote lines">{inside}</blockquote>;
  return <span class="lines">{inside}</span>;
}

/** One part of a line. */
export function InlineView({ part }: { readonly part: Inline }) {
  switch (part.kind) {
    case 'text':
      return <>{part.text}</>;
    case 'bold':
      return <strong>{all(part.of)}</strong>;
    case 'italic':
      return <em>{all(part.of)}</em>;
    case 'strike':
      return <s>{all(part.of)}</s>;
    case 'code':
      return <code class="code">{part.text}</code>;
    case 'link':
      return <Link url={part.url}>{part.label}</Link>;
    case 'emoji':
      return <Emoji name={part.name} char={part.char} />;
    case 'date':
      return <DateText date={part} />;
    default:
      return <Mention mention={part} />;
  }
}

/** A character with its name for those who don't know it. */
export function Emoji({ name, char }: { readonly name: string; readonly char: string }) {
  return (
    <span class="emoji" role="img" aria-label={name.replaceAll('_', ' ')} title={`:${name}:`}>
      {char}
    </span>
  );
}

function all(parts: readonly Inline[]) {
  return parts.map((one, index) => <InlineView key={index} part={one} />);
}

/** True for a text object that says something. */
export function saysSomething(value: unknown): value is Json {
  return isJson(value) && str(value.text).trim() !== '';
}
