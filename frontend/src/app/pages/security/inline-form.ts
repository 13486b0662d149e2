import { OwnPart } from '../own-part';

/** A form that opens inside a part: the keyboard goes to its first field. Fires `done` or `cancelled`. */
export abstract class InlineForm extends OwnPart {
  private hasTakenKeyboard = false;

  protected override updated(): void {
    const field = this.hasTakenKeyboard ? null : this.querySelector<HTMLElement>('input:not([hidden])');
    if (!field) return;
    this.hasTakenKeyboard = true;
    field.focus();
  }

  protected tell(event: 'done' | 'cancelled'): void {
    this.dispatchEvent(new Event(event));
  }
}
