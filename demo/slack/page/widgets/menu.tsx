import type { ComponentChildren } from 'preact';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { Popup } from './popup.tsx';

/** A line of a menu. */
export interface MenuItem {
  readonly id: string;
  readonly label: ComponentChildren;
  readonly detail?: string;
  readonly danger?: boolean;
  /** What it does; an address is opened besides. */
  readonly run: () => void;
}

interface MenuButtonProps {
  readonly label: string;
  readonly class: string;
  readonly items: readonly MenuItem[];
  readonly testId: string;
  readonly disabled?: boolean;
  readonly blockId?: string;
  readonly actionId?: string;
  readonly children: ComponentChildren;
}

/** A button that opens a menu; arrows, Home, End, Enter and Esc as everywhere. */
export function MenuButton({ label, class: name, items, testId, disabled, children, ...ids }: MenuButtonProps) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const close = useCallback(() => setOpen(false), []);
  const leave = (): void => {
    setOpen(false);
    button.current?.focus();
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        class={name}
        aria-label={label}
        title={label}
        aria-haspopup="menu"
        aria-expanded={open}
        disabled={disabled}
        data-testid={testId}
        data-block-id={ids.blockId}
        data-action-id={ids.actionId}
        onClick={() => setOpen(!open)}
      >
        {children}
      </button>
      {open && (
        <Popup anchor={button} onClose={close} align="end">
          <MenuList label={label} items={items} leave={leave} />
        </Popup>
      )}
    </>
  );
}

interface MenuListProps {
  readonly label: string;
  readonly items: readonly MenuItem[];
  readonly leave: () => void;
}

function MenuList({ label, items, leave }: MenuListProps) {
  const list = useRef<HTMLDivElement>(null);
  const buttons = (): HTMLElement[] => [...(list.current?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [])];
  useEffect(() => {
    list.current?.querySelector<HTMLElement>('[role=menuitem]')?.focus();
  }, []);
  const move = (event: KeyboardEvent): void => {
    const all = buttons();
    const at = all.findIndex((one) => one.matches(':focus'));
    const to: Record<string, number> = {
      ArrowDown: (at + 1) % all.length,
      ArrowUp: (at - 1 + all.length) % all.length,
      Home: 0,
      End: all.length - 1,
    };
    if (event.key === 'Escape' || event.key === 'Tab') {
      event.preventDefault();
      event.stopPropagation();
      leave();
      return;
    }
    const next = to[event.key];
    if (next === undefined) return;
    event.preventDefault();
    all[next]?.focus();
  };
  return (
    <div ref={list} role="menu" aria-label={label} class="menu" tabIndex={-1} onKeyDown={move}>
      {items.map((item) => (
        <button
          key={item.id}
          type="button"
          role="menuitem"
          class={item.danger ? 'menu-item danger' : 'menu-item'}
          data-testid="menu-item"
          data-value={item.id}
          onClick={() => {
            leave();
            item.run();
          }}
        >
          <span>{item.label}</span>
          {item.detail !== undefined && item.detail !== '' && <small>{item.detail}</small>}
        </button>
      ))}
    </div>
  );
}
