/**
 * What Slack takes, at most. Characters are UTF-16 units, as Slack counts them.
 * From docs.slack.dev/reference/block-kit and the doc comments of @slack/types 3.2.
 */
export const LIMITS = {
  messageBlocks: 50,
  viewBlocks: 100,
  /** All text of a message's blocks together: undocumented, about 13,200 (slackapi/bolt-js#2509). */
  messageChars: 12_000,
  sectionChars: 3000,
  fieldsPerSection: 10,
  fieldChars: 2000,
  headerChars: 150,
  tableRows: 100,
  tableColumns: 20,
  buttonsPerBlock: 25,
  buttonChars: 75,
  buttonValueChars: 2000,
  confirmTitleChars: 100,
  confirmTextChars: 300,
  confirmButtonChars: 30,
  /** The fallback text of a message: chat.update takes 4,000, chat.postMessage more. */
  fallbackChars: 3900,
} as const;
