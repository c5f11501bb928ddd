import { asText, isJson } from '../json.ts';
import type { StoredFile } from './types.ts';

/** A file that blocks show as an image, and where they name it. */
interface SlackFileRef {
  id: string;
  /** JSON pointer. */
  at: string;
}

/** `slack_file` names a file by id, or by one of the addresses that a file object has. */
const idOf = (ref: unknown): string => {
  if (!isJson(ref)) return '';
  return asText(ref.id) ?? /\/(F[0-9A-Z]+)(?:\/|$)/.exec(asText(ref.url) ?? '')?.[1] ?? '';
};

/** The files that blocks name in `slack_file`, at any depth. */
export const slackFilesIn = (value: unknown, at = ''): SlackFileRef[] => {
  if (Array.isArray(value)) return value.flatMap((one, index) => slackFilesIn(one, `${at}/${index}`));
  if (!isJson(value)) return [];
  return Object.entries(value).flatMap(([name, field]) =>
    name === 'slack_file' ? [{ id: idOf(field), at: `${at}/slack_file` }] : slackFilesIn(field, `${at}/${name}`),
  );
};

/** What Slack would say against those that aren't there, or whose upload isn't complete. */
export const slackFileProblems = (
  files: { find(id: string): StoredFile | undefined },
  blocks: unknown,
  at: string,
): string[] =>
  slackFilesIn(blocks, at)
    .filter(({ id }) => files.find(id)?.completed !== true)
    .map((ref) => `invalid slack file [json-pointer:${ref.at}]`);
