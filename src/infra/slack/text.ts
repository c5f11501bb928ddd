import { plainText, type Text } from '../../domain/notice.ts';

/** More of one text is never shown, so that much is never worked on. */
const RAW_CHARS = 3000;

/** `&`, `<` and `>` as Slack wants them: so no text can make a mention or a link of its own. */
export function escapeMrkdwn(raw: string): string {
  const text = raw.length > RAW_CHARS ? `${raw.slice(0, RAW_CHARS)}…` : raw;
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** A text in Slack's markup. Instants become date tokens, shown in the reader's own zone; people become mentions. */
export function mrkdwn(text: Text): string {
  if (typeof text === 'string') return escapeMrkdwn(text);
  return text
    .map((part) => {
      if (typeof part === 'string') return escapeMrkdwn(part);
      if ('bold' in part) return marked(part.bold, '*');
      if ('code' in part) return marked(part.code, '`');
      if ('at' in part) return dateToken(part.at);
      return part.slack === null ? escapeMrkdwn(part.person) : `<@${part.slack}>`;
    })
    .join('');
}

/** A text for where there are no blocks: words, with mentions, since those notify. */
export function fallback(text: Text): string {
  if (typeof text === 'string') return escapeMrkdwn(text);
  return text
    .map((part) =>
      typeof part !== 'string' && 'person' in part && part.slack !== null
        ? `<@${part.slack}>`
        : escapeMrkdwn(plainText([part], utc)),
    )
    .join('');
}

/** `2026-11-24 03:35 UTC`. */
function utc(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function dateToken(at: number): string {
  return `<!date^${Math.floor(at / 1000)}^{date_short_pretty} {time}|${utc(at)}>`;
}

/** The mark stands around one line that doesn't hold it, next to what isn't blank: else Slack shows the marks themselves. */
function marked(text: string, mark: '*' | '`'): string {
  const inner = escapeMrkdwn(
    text
      .slice(0, RAW_CHARS)
      .replaceAll(mark, mark === '`' ? 'ˋ' : '∗')
      .replaceAll(/\s*\n\s*/g, ' '),
  );
  const words = inner.trim();
  return words === '' ? inner : inner.replace(words, () => `${mark}${words}${mark}`);
}

/** At most `max` characters, with `…` for what is cut off. Doesn't cut through an entity, a token or a character. */
export function clip(text: string, max: number): string {
  if (text.length <= max) return text;
  let cut = text.slice(0, max - 1);
  const open = cut.lastIndexOf('<');
  if (open > cut.lastIndexOf('>')) cut = cut.slice(0, open);
  cut = cut.replace(/&[a-z]{0,4}$/, '').replace(/[\uD800-\uDBFF]$/, '');
  const ticks = cut.split('`').length - 1;
  // A code mark that was cut open would swallow the rest of the message.
  return ticks % 2 === 1 && cut.length < max - 1 ? `${cut}…\`` : ticks % 2 === 1 ? `${cut.slice(0, -1)}…\`` : `${cut}…`;
}

/** As many whole lines as fit, then how many there are besides. */
export function fitLines(lines: readonly string[], max: number, what = ''): string {
  const kept: string[] = [];
  let used = 0;
  for (const [index, line] of lines.entries()) {
    const left = lines.length - index;
    const tail = left > 1 ? more(left - 1, what).length + 1 : 0;
    const room = max - used - tail;
    if (line.length > room) {
      // The first line is shown in part: better than nothing at all.
      if (index === 0 && room > 20) kept.push(clip(line, room));
      const hidden = lines.length - kept.length;
      if (hidden > 0) kept.push(more(hidden, what));
      return kept.join('\n');
    }
    kept.push(line);
    used += line.length + 1;
  }
  return kept.join('\n');
}

/** `… 12 more VMs` */
export function more(count: number, what = ''): string {
  return `… ${count} more${what === '' ? '' : ` ${what}`}`;
}
