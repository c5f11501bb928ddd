import { type Placed, placedOf } from '../form/placed.ts';
import { type Json, str } from '../json.ts';
import { ButtonElement, FeedbackButtons, IconButton } from './button.tsx';
import { DateElement } from './date-element.tsx';
import { FileElement } from './file-element.tsx';
import { ImageElement } from './image-block.tsx';
import { OptionList } from './option-list.tsx';
import { OverflowElement } from './overflow-element.tsx';
import { SelectElement } from './select-element.tsx';
import { TextElement } from './text-element.tsx';

/** How an element in an input block belongs to its label, hint and error. */
export interface FieldLinks {
  readonly id: string;
  readonly describedBy: string | undefined;
  readonly invalid: boolean;
}

interface ElementProps {
  readonly block: Json;
  readonly element: Json;
  /** Given in input blocks. */
  readonly links?: FieldLinks;
}

/** Any interactive element, and the image. */
export function Element({ block, element, links }: ElementProps) {
  const placed: Placed = placedOf(block, element);
  switch (placed.type) {
    case 'button':
    case 'workflow_button':
      return <ButtonElement placed={placed} />;
    case 'icon_button':
      return <IconButton placed={placed} />;
    case 'feedback_buttons':
      return <FeedbackButtons placed={placed} />;
    case 'overflow':
      return <OverflowElement placed={placed} />;
    case 'image':
      return <ImageElement image={element} small />;
    case 'radio_buttons':
    case 'checkboxes':
      return <OptionList placed={placed} links={links} />;
    case 'datepicker':
    case 'timepicker':
    case 'datetimepicker':
      return <DateElement placed={placed} links={links} />;
    case 'plain_text_input':
    case 'number_input':
    case 'email_text_input':
    case 'url_text_input':
    case 'rich_text_input':
      return <TextElement placed={placed} links={links} />;
    case 'file_input':
      return <FileElement placed={placed} links={links} />;
    default:
      return placed.type.endsWith('_select') ? (
        <SelectElement placed={placed} links={links} />
      ) : (
        <span class="unknown">This kind of element can’t be shown here: {str(element.type, '?')}</span>
      );
  }
}
