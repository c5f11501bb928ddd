import type { FunctionComponent } from 'preact';
import { isJson, type Json, objects, str } from '../json.ts';
import { TextObject } from '../text/marks.tsx';
import { Element } from './element.tsx';
import { ImageElement } from './image-block.tsx';
import { RichTextBlock } from './rich-text.tsx';

const TASK_MARKS: Readonly<Record<string, string>> = { pending: '○', in_progress: '◔', complete: '✓', error: '✕' };

/** A coloured note in a modal. */
export function AlertBlock({ block }: { readonly block: Json }) {
  return (
    <div class={`alert ${str(block.level, 'default')}`} role="note">
      <TextObject value={block.text} />
    </div>
  );
}

/** A picture, a title and a few buttons in a frame. */
export function CardBlock({ block }: { readonly block: Json }) {
  return (
    <div class="card">
      {isJson(block.hero_image) && <ImageElement image={block.hero_image} />}
      <div class="card-body">
        {isJson(block.icon) && <ImageElement image={block.icon} small />}
        <strong>
          <TextObject value={block.title} />
        </strong>
        <small>
          <TextObject value={block.subtitle} />
        </small>
        <TextObject value={block.body} />
        <div class="actions">
          {objects(block.actions).map((element, index) => (
            <Element key={index} block={block} element={element} />
          ))}
        </div>
      </div>
    </div>
  );
}

/** Cards side by side. */
export function CarouselBlock({ block }: { readonly block: Json }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section class="carousel" tabIndex={0} aria-label="Cards">
      {objects(block.elements).map((card, index) => (
        <CardBlock key={index} block={card} />
      ))}
    </section>
  );
}

interface ContainerProps {
  readonly block: Json;
  /** Draws the blocks in it. */
  readonly inside: FunctionComponent<{ blocks: readonly Json[] }>;
}

/** Blocks under a title that may be folded away. */
export function ContainerBlock({ block, inside: Inside }: ContainerProps) {
  const title = isJson(block.rich_text_title) ? (
    <RichTextBlock block={block.rich_text_title} />
  ) : (
    <TextObject value={block.title} />
  );
  const body = <Inside blocks={objects(block.child_blocks)} />;
  if (block.is_collapsible !== true) {
    return (
      <div class="container-block">
        <strong>{title}</strong>
        {body}
      </div>
    );
  }
  return (
    <details class="container-block" open={block.default_collapsed !== true}>
      <summary>{title}</summary>
      {body}
    </details>
  );
}

/** What an app is about, step by step. */
export function TaskBlock({ block }: { readonly block: Json }) {
  const tasks = block.type === 'plan' ? objects(block.tasks) : [block];
  return (
    <div class="tasks">
      {block.type === 'plan' && <strong>{str(block.title)}</strong>}
      {tasks.map((task, index) => (
        <div key={index} class={`task-line ${str(task.status)}`}>
          <span aria-hidden="true">{TASK_MARKS[str(task.status)] ?? '○'}</span> {str(task.title)}
          <span class="sr-only"> ({str(task.status).replace('_', ' ')})</span>
          {isJson(task.details) && <RichTextBlock block={task.details} />}
          {isJson(task.output) && <RichTextBlock block={task.output} />}
        </div>
      ))}
    </div>
  );
}
