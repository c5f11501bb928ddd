/** Who and what can be named in a message. */
export interface Names {
  readonly people: readonly { readonly id: string; readonly name: string }[];
  readonly groups: readonly { readonly id: string; readonly handle: string }[];
  readonly channels: readonly { readonly id: string; readonly name: string }[];
}

/** What was typed, as Slack stores it: `@dev1` becomes a mention, `<` can't make one. */
export function toStored(typed: string, { people, groups, channels }: Names): string {
  const escaped = typed.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return escaped
    .replaceAll(/(^|[\s(])@([\w.-]*\w)/g, (all, before: string, name: string) => {
      if (/^(here|channel|everyone)$/.test(name)) return `${before}<!${name}>`;
      const person = people.find((one) => one.name === name);
      if (person !== undefined) return `${before}<@${person.id}>`;
      const group = groups.find((one) => one.handle === name);
      return group === undefined ? all : `${before}<!subteam^${group.id}>`;
    })
    .replaceAll(/(^|[\s(])#([\w-]*\w)/g, (all, before: string, name: string) => {
      const channel = channels.find((one) => one.name === name);
      return channel === undefined ? all : `${before}<#${channel.id}>`;
    });
}

/** What Slack stores, as one would type it: for editing. */
export function toTyped(stored: string, { people, groups, channels }: Names): string {
  return stored
    .replaceAll(/<@([A-Z0-9]+)(?:\|[^>]*)?>/g, (all, id: string) => {
      const person = people.find((one) => one.id === id);
      return person === undefined ? all : `@${person.name}`;
    })
    .replaceAll(/<!subteam\^([A-Z0-9]+)(?:\|[^>]*)?>/g, (all, id: string) => {
      const group = groups.find((one) => one.id === id);
      return group === undefined ? all : `@${group.handle}`;
    })
    .replaceAll(/<#([A-Z0-9]+)(?:\|[^>]*)?>/g, (all, id: string) => {
      const channel = channels.find((one) => one.id === id);
      return channel === undefined ? all : `#${channel.name}`;
    })
    .replaceAll(/<!(here|channel|everyone)>/g, '@$1')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
