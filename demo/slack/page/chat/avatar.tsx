import type { PersonEntity } from '../../ui/protocol.ts';

const HUES = [8, 28, 45, 95, 140, 165, 190, 210, 235, 262, 290, 325];

/** A face made of an initial and a colour that is always the same; apps have a mark of their own. */
export function Avatar({ id, person, name, small = false }: AvatarProps) {
  let sum = 2_166_136_261;
  for (const char of id) sum = Math.imul(sum ^ (char.codePointAt(0) ?? 0), 16_777_619) >>> 0;
  const hue = HUES[(sum >>> 8) % HUES.length] ?? 0;
  const initials = name
    .split(/[\s._-]+/)
    .map((word) => word.charAt(0))
    .join('')
    .slice(0, 2)
    .toUpperCase();
  const bot = person?.isBot === true || id === 'USLACKBOT';
  return (
    <span class={`avatar${small ? ' small' : ''}${bot ? ' bot' : ''}`} style={{ '--hue': hue }} aria-hidden="true">
      {bot ? (id === 'USLACKBOT' ? '♥' : initials.charAt(0)) : initials || '?'}
    </span>
  );
}

interface AvatarProps {
  readonly id: string;
  readonly person: PersonEntity | undefined;
  readonly name: string;
  readonly small?: boolean;
}
