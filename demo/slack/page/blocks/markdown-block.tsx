import { marked, type Token, type Tokens } from 'marked';
import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import { Link, Plain } from '../text/marks.tsx';

/** Common Markdown, read into tokens and drawn by us: HTML in it stays text. */
export function MarkdownBlock({ text }: { readonly text: string }) {
  const tokens = useMemo(() => marked.lexer(text, { gfm: true }), [text]);
  return <div class="markdown">{drawAll(tokens)}</div>;
}

function drawAll(tokens: readonly Token[] | undefined): ComponentChildren {
  return (tokens ?? []).map((token, index) => <Part key={index} token={token} />);
}

function Part({ token }: { readonly token: Token }) {
  if (isTable(token)) return <MarkdownTable table={token} />;
  if (isList(token)) return <MarkdownList list={token} />;
  const inside = 'tokens' in token ? drawAll(token.tokens) : null;
  switch (token.type) {
    case 'heading':
      return <Heading depth={'depth' in token ? Number(token.depth) : 1}>{inside}</Heading>;
    case 'paragraph':
      return <p>{inside}</p>;
    case 'blockquote':
      return <blockquote class="quote">{inside}</blockquote>;
    case 'code':
      return (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        <pre class="pre" tabIndex={0}>
          {plain(token)}
        </pre>
      );
    case 'hr':
      return <hr />;
    case 'strong':
      return <strong>{inside}</strong>;
    case 'em':
      return <em>{inside}</em>;
    case 'del':
      return <s>{inside}</s>;
    case 'codespan':
      return <code class="code">{plain(token)}</code>;
    case 'br':
      return <br />;
    case 'link':
    case 'image':
      return <Link url={'href' in token ? String(token.href) : ''}>{plain(token) || token.raw}</Link>;
    case 'space':
    case 'def':
      return null;
    default:
      if ('tokens' in token && token.tokens !== undefined) return <span>{inside}</span>;
      return <Plain text={plain(token)} />;
  }
}

/** One level down: the first is the channel's name. */
function Heading({ depth, children }: { readonly depth: number; readonly children: ComponentChildren }) {
  if (depth === 1) return <h2>{children}</h2>;
  return depth === 2 ? <h3>{children}</h3> : <h4>{children}</h4>;
}

function MarkdownList({ list }: { readonly list: Tokens.List }) {
  const items = list.items.map((item, index) => (
    <li key={index} class={item.task ? 'task' : ''}>
      {item.task && (
        <input type="checkbox" checked={item.checked === true} disabled aria-label={item.checked ? 'Done' : 'To do'} />
      )}
      {drawAll(item.tokens.filter(({ type }) => type !== 'checkbox'))}
    </li>
  ));
  return list.ordered ? <ol start={Number(list.start) || 1}>{items}</ol> : <ul>{items}</ul>;
}

function MarkdownTable({ table }: { readonly table: Tokens.Table }) {
  const at = (index: number) => ({ textAlign: table.align[index] ?? 'left' });
  return (
    <div class="table-wrap">
      <table class="table">
        <thead>
          <tr>
            {table.header.map((cell, index) => (
              <th key={index} scope="col" style={at(index)}>
                {drawAll(cell.tokens)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row, line) => (
            <tr key={line}>
              {row.map((cell, index) => (
                <td key={index} style={at(index)}>
                  {drawAll(cell.tokens)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function plain(token: Token): string {
  return 'text' in token && typeof token.text === 'string' ? token.text : token.raw;
}

function isTable(token: Token): token is Tokens.Table {
  return token.type === 'table';
}

function isList(token: Token): token is Tokens.List {
  return token.type === 'list';
}
