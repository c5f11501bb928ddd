import { bool, byType, type Check, int, listOf, object, str, word } from './check.ts';

// kinds and fields: RichTextElement of @slack/types 3.2

const styles = { bold: bool, italic: bool, strike: bool, code: bool };
const style = { style: object({}, styles) };
const mentionStyle = {
  style: object({}, { ...styles, underline: bool, highlight: bool, client_highlight: bool, unlink: bool }),
};
const id = str(255, 1);
const border = { border: int(0, 1) };

const text: Check = object({ text: str(40_000, 1) }, { style: object({}, { ...styles, underline: bool }) });
const link: Check = object({ url: str(3000, 1) }, { ...style, text: str(40_000), unsafe: bool });

const INLINE: Readonly<Record<string, Check>> = {
  text,
  link,
  emoji: object({ name: str(255, 1) }, { ...style, unicode: str(255), url: str(3000), skin_tone: int(1, 6) }),
  user: object({ user_id: id }, mentionStyle),
  channel: object({ channel_id: id }, mentionStyle),
  usergroup: object({ usergroup_id: id }, mentionStyle),
  team: object({ team_id: id }, mentionStyle),
  broadcast: object({ range: word('here', 'channel', 'everyone') }, mentionStyle),
  color: object({ value: str(255, 1) }, style),
  date: object(
    { timestamp: int(0, 99_999_999_999), format: str(255, 1) },
    { ...style, url: str(3000), fallback: str(255) },
  ),
};

const inline = listOf(byType(INLINE), 1000, 0);
const section: Check = object({ elements: inline });
const list: Check = object(
  { elements: listOf(byType({ rich_text_section: section }), 1000, 0), style: word('bullet', 'ordered') },
  { ...border, indent: int(0, 8), offset: int(0, 1000) },
);
const preformatted: Check = object(
  { elements: listOf(byType({ text, link }), 1000, 0) },
  { ...border, language: str(100) },
);

/** A rich_text block. */
export const richText: Check = object(
  {
    elements: listOf(
      byType({
        rich_text_section: section,
        rich_text_list: list,
        rich_text_preformatted: preformatted,
        rich_text_quote: object({ elements: inline }, border),
      }),
      1000,
      0,
    ),
  },
  { block_id: str(255) },
);
