import type { ComponentChildren } from 'preact';
import { useCallback, useMemo, useRef, useState } from 'preact/hooks';
import type { Choice } from '../form/held.ts';
import { Plain } from '../text/marks.tsx';
import { Icon } from './icon.tsx';
import { freshId } from './ids.ts';
import type { ChoiceGroup, Offer } from './options.ts';
import { Popup } from './popup.tsx';
import { type Shown, useOptions } from './use-options.ts';

interface ComboboxProps {
  readonly id?: string;
  readonly label: string;
  readonly placeholder: string;
  readonly offer: Offer;
  readonly chosen: readonly Choice[];
  readonly many?: boolean;
  /** The most that may be chosen. */
  readonly most?: number;
  /** The fewest characters before the app is asked. */
  readonly least?: number;
  readonly clearable?: boolean;
  readonly busy?: boolean;
  readonly autoFocus?: boolean;
  readonly describedBy?: string | undefined;
  readonly invalid?: boolean;
  readonly testId: string;
  readonly blockId?: string;
  readonly actionId?: string;
  readonly onChange: (chosen: readonly Choice[]) => void;
}

/** A select with type-ahead, for one choice or several. */
export function Combobox(props: ComboboxProps) {
  const { label, placeholder, offer, chosen, many = false, most = Number.POSITIVE_INFINITY, onChange } = props;
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState('');
  const [active, setActive] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const listId = useMemo(() => freshId('list'), []);
  const shown = useOptions(offer, typed, open, props.least ?? 0);
  const flat = shown.groups.flatMap(({ choices }) => choices);
  const isChosen = (choice: Choice): boolean => chosen.some(({ value }) => value === choice.value);

  const close = useCallback(() => {
    setOpen(false);
    setTyped('');
    setActive(0);
  }, []);
  const pick = (choice: Choice): void => {
    if (!many) {
      close();
      onChange([choice]);
    } else if (isChosen(choice)) onChange(chosen.filter(({ value }) => value !== choice.value));
    else if (chosen.length < most) onChange([...chosen, choice]);
    setTyped('');
    input.current?.focus();
  };
  const keys = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      if (open) setActive((active + step + flat.length) % Math.max(1, flat.length));
      else setOpen(true);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      const choice = flat[active];
      if (!open) setOpen(true);
      else if (choice !== undefined && !shown.busy) pick(choice);
    } else if (event.key === 'Escape' && open) {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if (event.key === 'Tab') close();
    else if (event.key === 'Backspace' && typed === '' && many) onChange(chosen.slice(0, -1));
  };
  const [first] = chosen;
  return (
    <div ref={box} class={`combobox${props.invalid ? ' invalid' : ''}${open ? ' open' : ''}`}>
      {many && chosen.map((choice) => <Token key={choice.value} choice={choice} remove={() => pick(choice)} />)}
      <input
        ref={input}
        id={props.id}
        type="text"
        role="combobox"
        autoComplete="off"
        spellcheck={false}
        aria-label={props.id === undefined ? label : undefined}
        aria-expanded={open}
        aria-controls={listId}
        aria-autocomplete="list"
        aria-activedescendant={open && flat[active] !== undefined ? `${listId}-${active}` : undefined}
        aria-describedby={props.describedBy}
        aria-invalid={props.invalid}
        aria-busy={props.busy}
        // biome-ignore lint/a11y/noAutofocus: the app says which field comes first (focus_on_load)
        autoFocus={props.autoFocus}
        placeholder={many && chosen.length > 0 ? '' : !many && first !== undefined ? first.label : placeholder}
        value={open || many ? typed : (first?.label ?? '')}
        data-testid={props.testId}
        data-block-id={props.blockId}
        data-action-id={props.actionId}
        onInput={(event) => {
          setTyped(event.currentTarget.value);
          setActive(0);
          setOpen(true);
        }}
        onClick={() => setOpen(true)}
        onKeyDown={keys}
      />
      {props.busy && <span class="spinner" aria-hidden="true" />}
      {props.clearable && chosen.length > 0 && !many && (
        <button type="button" class="combobox-clear" aria-label={`Clear ${label}`} onClick={() => onChange([])}>
          <Icon name="close" />
        </button>
      )}
      <span class="combobox-arrow" aria-hidden="true">
        <Icon name="down" />
      </span>
      {open && (
        <Popup anchor={box} onClose={close} fit>
          <ChoiceList
            id={listId}
            label={label}
            shown={shown}
            active={active}
            many={many}
            isChosen={isChosen}
            pick={pick}
          />
        </Popup>
      )}
    </div>
  );
}

function Token({ choice, remove }: { readonly choice: Choice; readonly remove: () => void }) {
  return (
    <span class="token" data-testid="token" data-value={choice.value}>
      <Plain text={choice.label} />
      <button type="button" aria-label={`Remove ${choice.label}`} onClick={remove}>
        <Icon name="close" />
      </button>
    </span>
  );
}

interface ChoiceListProps {
  readonly id: string;
  readonly label: string;
  readonly shown: Shown;
  readonly active: number;
  readonly many: boolean;
  readonly isChosen: (choice: Choice) => boolean;
  readonly pick: (choice: Choice) => void;
}

function ChoiceList({ id, label, shown, active, many, isChosen, pick }: ChoiceListProps) {
  let at = -1;
  const one = (choice: Choice): ComponentChildren => {
    at += 1;
    const index = at;
    return (
      <div
        key={choice.value}
        id={`${id}-${index}`}
        ref={(node) => {
          if (index === active) node?.scrollIntoView({ block: 'nearest' });
        }}
        role="option"
        tabIndex={-1}
        aria-selected={isChosen(choice)}
        class={index === active ? 'choice active' : 'choice'}
        data-testid="option"
        data-value={choice.value}
        onPointerDown={(event) => event.preventDefault()}
        onClick={() => pick(choice)}
        onKeyDown={() => undefined}
      >
        <span class="choice-label">
          <Plain text={choice.label} />
          {choice.description !== '' && <small>{choice.description}</small>}
        </span>
        {isChosen(choice) && <span aria-hidden="true">✓</span>}
      </div>
    );
  };
  return (
    <>
      <div id={id} role="listbox" aria-label={label} aria-multiselectable={many} class="choices" tabIndex={-1}>
        {shown.groups.map((group) => (
          <Group key={group.label} group={group}>
            {group.choices.map(one)}
          </Group>
        ))}
      </div>
      {(shown.note !== '' || (shown.busy && shown.groups.length === 0)) && (
        <div class="choices-note" role="status" data-testid="options-note">
          {shown.busy ? 'Searching …' : shown.note}
        </div>
      )}
    </>
  );
}

function Group({ group, children }: { readonly group: ChoiceGroup; readonly children: ComponentChildren }) {
  if (group.label === '') return <>{children}</>;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset has no place in a listbox
    <div role="group" aria-label={group.label}>
      <div class="choice-group" aria-hidden="true">
        {group.label}
      </div>
      {children}
    </div>
  );
}
