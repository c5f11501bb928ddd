import { useState } from 'preact/hooks';
import { isJson, type Json, str, textOf } from '../json.ts';
import { store } from '../model/store.ts';
import { Link, Plain, saysSomething } from '../text/marks.tsx';
import { FileCard } from './file-card.tsx';

/** Where an image is to be had; empty where nowhere. */
function addressOf({ image_url, slack_file }: Json): string {
  if (typeof image_url === 'string') return /^(https?:|\/)/.test(image_url) ? image_url : '';
  if (!isJson(slack_file)) return '';
  const id = str(slack_file.id);
  const known = [...store.files.all.value.values()].find((file) => file.id === id || slack_file.url === file.url);
  return known?.url ?? '';
}

/** A picture; where it can't be had, its words. */
export function ImageElement({ image, small = false }: { readonly image: Json; readonly small?: boolean }) {
  const [broken, setBroken] = useState(false);
  const alt = str(image.alt_text);
  const address = addressOf(image);
  if (broken || address === '') {
    return (
      <span class={small ? 'image-missing small' : 'image-missing'} role="img" aria-label={alt} title={alt}>
        🖼️ {small ? '' : alt || 'The picture can’t be loaded'}
      </span>
    );
  }
  return (
    <img
      class={small ? 'image small' : 'image'}
      src={address}
      alt={alt}
      loading="lazy"
      referrerpolicy="no-referrer"
      onError={() => setBroken(true)}
    />
  );
}

/** A picture over the whole width. */
export function ImageBlock({ block }: { readonly block: Json }) {
  return (
    <figure class="image-block">
      {saysSomething(block.title) && (
        <figcaption>
          <Plain text={textOf(block.title)} />
        </figcaption>
      )}
      <ImageElement image={block} />
    </figure>
  );
}

/** A file that stands among blocks. */
export function FileBlock({ block }: { readonly block: Json }) {
  const id = str(block.file_id) || str(block.external_id);
  const file = store.files.at(`file:${id}`).value;
  return file === undefined ? <p class="unknown">The file {id} is not there.</p> : <FileCard file={file} />;
}

/** A film is only linked to: the page plays nothing from elsewhere. */
export function VideoBlock({ block }: { readonly block: Json }) {
  return (
    <p>
      ▶️ <Link url={str(block.title_url) || str(block.video_url)}>{textOf(block.title) || 'Video'}</Link>
    </p>
  );
}
