import { type Json, objects, str } from '../json.ts';
import { useSurface } from '../model/surface.ts';
import { saysSomething, TextObject } from '../text/marks.tsx';
import { AlertBlock, CardBlock, CarouselBlock, ContainerBlock, TaskBlock } from './card-blocks.tsx';
import { DataTableBlock } from './data-table.tsx';
import { Element } from './element.tsx';
import { FileBlock, ImageBlock, VideoBlock } from './image-block.tsx';
import { InputBlock } from './input-block.tsx';
import { MarkdownBlock } from './markdown-block.tsx';
import { RichTextBlock } from './rich-text.tsx';
import { SectionBlock } from './section-block.tsx';
import { TableBlock } from './table-block.tsx';

/** Blocks, one below the other, each with what went wrong there. */
export function Blocks({ blocks }: { readonly blocks: readonly Json[] }) {
  return (
    <div class="blocks">
      {blocks.map((block, index) => {
        const id = str(block.block_id);
        return (
          <div
            key={id || index}
            class={`block block-${str(block.type)}`}
            data-testid="block"
            data-block-id={id}
            data-type={str(block.type)}
          >
            <Block block={block} />
            {block.type !== 'input' && <BlockFault blockId={id} />}
          </div>
        );
      })}
    </div>
  );
}

/** The red line under a block whose app did not answer. */
function BlockFault({ blockId }: { readonly blockId: string }) {
  const fault = useSurface().surface.faults.value.get(blockId);
  if (fault === undefined) return null;
  return (
    <p class="fault" role="alert" data-testid="block-fault" data-block-id={blockId}>
      {fault}
    </p>
  );
}

function Block({ block }: { readonly block: Json }) {
  switch (block.type) {
    case 'section':
      return <SectionBlock block={block} />;
    case 'header':
      return <HeaderBlock block={block} />;
    case 'divider':
      return <hr />;
    case 'context':
      return <ContextBlock block={block} />;
    case 'actions':
    case 'context_actions':
      return (
        <div class="actions">
          {objects(block.elements).map((element, index) => (
            <Element key={str(element.action_id) || index} block={block} element={element} />
          ))}
        </div>
      );
    case 'input':
      return <InputBlock block={block} />;
    case 'image':
      return <ImageBlock block={block} />;
    case 'rich_text':
      return <RichTextBlock block={block} />;
    case 'markdown':
      return <MarkdownBlock text={str(block.text)} />;
    case 'table':
      return <TableBlock block={block} />;
    case 'data_table':
      return <DataTableBlock block={block} />;
    case 'file':
      return <FileBlock block={block} />;
    case 'video':
      return <VideoBlock block={block} />;
    case 'alert':
      return <AlertBlock block={block} />;
    case 'card':
      return <CardBlock block={block} />;
    case 'carousel':
      return <CarouselBlock block={block} />;
    case 'container':
      return <ContainerBlock block={block} inside={Blocks} />;
    case 'task_card':
    case 'plan':
      return <TaskBlock block={block} />;
    default:
      return <p class="unknown">This kind of block can’t be shown here: {str(block.type, '?')}</p>;
  }
}

function HeaderBlock({ block }: { readonly block: Json }) {
  return (
    <h2 class="header-block">
      <TextObject value={block.text} />
    </h2>
  );
}

function ContextBlock({ block }: { readonly block: Json }) {
  return (
    <div class="context">
      {objects(block.elements).map((element, index) =>
        element.type === 'image' ? (
          <Element key={index} block={block} element={element} />
        ) : (
          saysSomething(element) && (
            <span key={index} class="context-text">
              <TextObject value={element} />
            </span>
          )
        ),
      )}
    </div>
  );
}
