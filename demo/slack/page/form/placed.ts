import { isJson, type Json, objects, str } from '../json.ts';
import { holdsValue } from './held.ts';

/** An element that people can use, and the block it stands in. */
export interface Placed {
  readonly block: Json;
  readonly blockId: string;
  readonly element: Json;
  readonly actionId: string;
  readonly type: string;
}

/** Every element of the blocks that bears an action_id, in order. */
function placedIn(blocks: readonly Json[]): Placed[] {
  return blocks.flatMap((block) => {
    const elements = [
      ...(isJson(block.accessory) ? [block.accessory] : []),
      ...(isJson(block.element) ? [block.element] : []),
      ...objects(block.elements),
      ...objects(block.actions),
    ];
    const own = elements
      .filter((element) => typeof element.action_id === 'string')
      .map((element) => placedOf(block, element));
    return [...own, ...placedIn(objects(block.child_blocks))];
  });
}

/** One element and its block. */
export function placedOf(block: Json, element: Json): Placed {
  return {
    block,
    blockId: str(block.block_id),
    element,
    actionId: str(element.action_id),
    type: str(element.type),
  };
}

/** Those of them that hold values. */
export function fieldsIn(blocks: readonly Json[]): Placed[] {
  return placedIn(blocks).filter(({ type }) => holdsValue(type));
}

/** The key under which a surface keeps what is in a field. The type belongs to it: another element starts afresh. */
export function fieldKey({ blockId, actionId, type }: Placed): string {
  return `${blockId} ${actionId} ${type}`;
}
