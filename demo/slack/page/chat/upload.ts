import { tell, tryTo } from '../model/act.ts';

const MOST_BYTES = 5_000_000;

/** Puts files into a channel or thread. */
export async function upload(channel: string, threadTs: string | undefined, files: Iterable<File>): Promise<void> {
  for (const file of files) {
    if (file.size > MOST_BYTES) {
      tell(`${file.name} is larger than 5 MB.`);
      continue;
    }
    const content = base64(new Uint8Array(await file.arrayBuffer()));
    const thread = threadTs === undefined ? {} : { threadTs };
    await tryTo({ act: 'upload', channel, ...thread, name: file.name, content });
  }
}

function base64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}
