import { describe, expect, it } from 'vitest';
import { type Inline, parseMrkdwn, parsePlain, safeUrl } from '../../../../demo/slack/page/text/mrkdwn.ts';

/** The tree as one reads it: `*bold*` is `bold(bold)`. */
const show = (parts: readonly Inline[]): string =>
  parts
    .map((part) => {
      if (part.kind === 'text') return part.text;
      if (part.kind === 'code') return `code(${part.text})`;
      if (part.kind === 'link') return `link(${part.url}|${part.label})`;
      if (part.kind === 'emoji') return part.char;
      if (part.kind === 'date') return `date(${part.seconds}|${part.format}|${part.url ?? ''}|${part.fallback})`;
      if (part.kind === 'broadcast') return `all(${part.range})`;
      return 'of' in part ? `${part.kind}(${show(part.of)})` : `${part.kind}(${part.id}|${part.label})`;
    })
    .join('');
const read = (source: string, options?: { verbatim: boolean }): string =>
  parseMrkdwn(source, options)
    .map((part) =>
      part.kind === 'pre' ? `pre(${part.text})` : `${part.kind === 'quote' ? 'quote:' : ''}${show(part.of)}`,
    )
    .join(' / ');

describe('marks', () => {
  it.each([
    ['*bold* and _it_ and ~gone~', 'bold(bold) and italic(it) and strike(gone)'],
    ['*_both_*', 'bold(italic(both))'],
    ['2*3*4 snake_case_name a~b~c', '2*3*4 snake_case_name a~b~c'],
    ['* not* *not *', '* not* *not *'],
    ['*not\nover lines*', '*not\nover lines*'],
    ['(*x*), *y*.', '(bold(x)), bold(y).'],
    ['**', '**'],
    ['*a `*` b*', 'bold(a code(*) b)'],
    ['`*no marks*` here', 'code(*no marks*) here'],
    ['a lone ` and * and _', 'a lone ` and * and _'],
    ['*<https://example.com/a*b|x*y>*', 'bold(link(https://example.com/a*b|x*y))'],
  ])('%j', (source, expected) => {
    expect(read(source)).toBe(expected);
  });

  it('stay quick where a text is all marks', () => {
    const text = '*_~'.repeat(3000);
    expect(read(text)).toContain('*');
  });
});

describe('tokens', () => {
  it.each([
    ['<@U01DEV> hi', 'user(U01DEV|) hi'],
    ['<@U01DEV|dev>', 'user(U01DEV|dev)'],
    ['<#C0OPS|ops>', 'channel(C0OPS|ops)'],
    ['<!here> <!channel>', 'all(here) all(channel)'],
    ['<!subteam^S012|@leads>', 'group(S012|@leads)'],
    ['<https://example.com/?a=1&amp;b=2|the &lt;docs&gt;>', 'link(https://example.com/?a=1&b=2|the <docs>)'],
    ['<https://example.com>', 'link(https://example.com|https://example.com)'],
    ['<mailto:a@example.com>', 'link(mailto:a@example.com|a@example.com)'],
    ['<javascript:alert(1)|press>', '<javascript:alert(1)|press>'],
    ['<data:text/html,x|press>', '<data:text/html,x|press>'],
    ['<!date^1795716000^{date_short} {time}|then>', 'date(1795716000|{date_short} {time}||then)'],
    ['<!date^1795716000^{date}^https://example.com|then>', 'date(1795716000|{date}|https://example.com|then)'],
    ['<!date^1795716000^{date}^javascript:x|then>', 'date(1795716000|{date}||then)'],
    ['<!unknown^1|words>', 'words'],
    ['a < b > c', 'a < b > c'],
    ['&lt;b&gt; &amp;amp; &lt;@U01DEV&gt;', '<b> &amp; <@U01DEV>'],
  ])('%j', (source, expected) => {
    expect(read(source)).toBe(expected);
  });
});

describe('links that nobody marked', () => {
  it.each([
    [
      'see https://example.com/a?b=1&amp;c=2.',
      'see link(https://example.com/a?b=1&c=2|https://example.com/a?b=1&c=2).',
    ],
    ['(https://example.com)', '(link(https://example.com|https://example.com))'],
    ['write to ops@example.com!', 'write to link(mailto:ops@example.com|ops@example.com)!'],
    ['xhttps://example.com', 'xhttps://example.com'],
  ])('%j', (source, expected) => {
    expect(read(source)).toBe(expected);
  });

  it('stay text where the app says verbatim', () => {
    expect(read('https://example.com', { verbatim: true })).toBe('https://example.com');
  });
});

describe('paragraphs', () => {
  it.each([
    ['before\n```\nx &lt; *y*\n```\nafter', 'before / pre(x < *y*) / after'],
    ['```one```', 'pre(one)'],
    ['&gt; a\n&gt; b\nc', 'quote:a\nb / c'],
    ['> a\nb', 'quote:a / b'],
    ['&gt;&gt;&gt; all\nof it', 'quote:all\nof it'],
    ['an open ``` fence', 'an open ``` fence'],
    ['', ''],
  ])('%j', (source, expected) => {
    expect(read(source)).toBe(expected);
  });
});

describe('emoji', () => {
  it('are known by name, and stay as typed where they are not', () => {
    expect(read(':white_check_mark: :not_one_of_ours: 12:30:15')).toBe('✅ :not_one_of_ours: 12:30:15');
    expect(read(':+1::skin-tone-3:')).toBe('👍');
  });

  it('are all that is read in plain text', () => {
    expect(show(parsePlain('*x* <@U1> :tada:'))).toBe('*x* <@U1> 🎉');
  });
});

describe('addresses that may be followed', () => {
  it.each(['https://a.b', 'http://127.0.0.1:3000/x', 'mailto:a@b.c'])('%s', (url) => {
    expect(safeUrl(url)).toBe(url);
  });
  it.each([
    'javascript:alert(1)',
    ' JavaScript:x',
    'data:text/html,x',
    'file:///etc/passwd',
    '/ui/act',
    '',
    'https:// x',
  ])('not %j', (url) => {
    expect(safeUrl(url)).toBeNull();
  });
});
