import { useEffect, useState } from 'preact/hooks';
import type { FileEntity } from '../../ui/protocol.ts';
import { Icon } from '../widgets/icon.tsx';

const PREVIEW_BYTES = 200_000;
const PREVIEW_LINES = 12;

/** A file: pictures show, texts show their first lines, everything can be had. */
export function FileCard({ file }: { readonly file: FileEntity }) {
  const { name, title, mimetype, size, url, altText } = file;
  const picture = /^image\/(png|jpeg|gif|webp|avif)$/.test(mimetype);
  const text = /^(text\/|application\/(json|yaml|xml))/.test(mimetype) && size <= PREVIEW_BYTES;
  return (
    <div class="file-card" data-testid="file" data-file-id={file.id}>
      <div class="file-head">
        <Icon name="file" />
        <span class="file-name">
          <strong>{title || name}</strong>
          <small>
            {title && title !== name ? `${name} · ` : ''}
            {sizeText(size)}
          </small>
        </span>
        <a class="button plain small" href={url} download={name} aria-label={`Download ${name}`}>
          Download
        </a>
      </div>
      {picture && (
        <a href={url} target="_blank" rel="noopener">
          <img class="image" src={url} alt={altText || title || name} loading="lazy" />
        </a>
      )}
      {text && <Preview url={url} name={name} />}
    </div>
  );
}

function Preview({ url, name }: { readonly url: string; readonly name: string }) {
  const [text, setText] = useState<string>();
  const [whole, setWhole] = useState(false);
  useEffect(() => {
    let current = true;
    fetch(url)
      .then((response) => (response.ok ? response.text() : undefined))
      .then((body) => {
        if (current) setText(body ?? '');
      })
      // A file that can't be had has no preview; its card says the rest.
      .catch(() => undefined);
    return () => {
      current = false;
    };
  }, [url]);
  if (text === undefined || text === '') return null;
  const lines = text.split('\n');
  const long = lines.length > PREVIEW_LINES;
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre class="pre" tabIndex={0} title={`Beginning of ${name}`}>
        {whole || !long ? text : lines.slice(0, PREVIEW_LINES).join('\n')}
      </pre>
      {long && (
        <button type="button" class="link-button" aria-expanded={whole} onClick={() => setWhole(!whole)}>
          {whole ? 'Show less' : `Show all ${lines.length} lines`}
        </button>
      )}
    </>
  );
}

/** `12.3 kB`. */
function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const [size, unit] = bytes < 1e6 ? [bytes / 1000, 'kB'] : [bytes / 1e6, 'MB'];
  return `${size < 10 ? size.toFixed(1) : Math.round(size)} ${unit}`;
}
