import { html, type TemplateResult } from 'lit';
import { property } from 'lit/decorators.js';
import { ProblemError } from '../../../api/client';
import { changeServerSettings, type ServerSettings } from '../../../api/server-settings';
import { renderChoice, renderField } from '../fields';
import { OwnPart } from '../own-part';

type Named<Value> = { [Name in keyof ServerSettings]: ServerSettings[Name] extends Value ? Name : never }[keyof ServerSettings];
type Flag = Named<boolean>;
type Count = Named<number>;

/** A form with a part of the server settings: only what was changed in it is sent. Fires `settings` with what holds then. */
export abstract class RulesPart extends OwnPart {
  @property({ attribute: false }) settings!: ServerSettings;

  protected abstract readonly name: 'signing_up' | 'signing_in' | 'passwords' | 'public' | 'new_accounts';
  protected abstract renderFields(): TemplateResult;

  override render(): TemplateResult {
    const { a, name } = this;
    const isAtField = this.faulty.some((field) => this.querySelector(`[name="${field}"]:not([type="checkbox"])`));
    return this.renderPart(
      name,
      a(`settings_${name}`),
      html`<form @submit=${this.submit}>
        ${this.renderFields()} ${this.renderOutcome({ isAtField })}
        <div class="own-buttons start">${this.renderSubmit(a('profile_save'))}</div>
      </form>`,
    );
  }

  protected renderFlag(name: Flag): TemplateResult {
    return html`<label class="own-option">
      <input type="checkbox" name=${name} ?checked=${this.settings[name]} /><span>${this.a(`settings_${name}`)}</span>
    </label>`;
  }

  protected renderCount(name: Count, least: number, most: number): TemplateResult {
    const error = this.faulty.includes(name) ? this.a('profile_fault_range', { least, most }) : undefined;
    const value = String(this.settings[name]);
    const field = { name, label: this.a(`settings_${name}`), value, autocomplete: 'off', inputmode: 'numeric', error } as const;
    return renderField({ ...field, maxlength: 3 });
  }

  protected renderChoiceOf(name: keyof ServerSettings, label: string, options: readonly { value: string; label: string }[]): TemplateResult {
    return renderChoice({ name, label, options, selected: String(this.settings[name]) });
  }

  /** The names of the fields that the server complained about. */
  private get faulty(): string[] {
    const { failure } = this.attempt;
    const errors = failure instanceof ProblemError ? (failure.problem.errors ?? []) : [];
    return errors.map(({ pointer }) => pointer.slice(1));
  }

  private submit(event: SubmitEvent): void {
    event.preventDefault();
    void this.save(event.target as HTMLFormElement);
  }

  private async save(form: HTMLFormElement): Promise<void> {
    const before = { ...this.settings } as Record<string, unknown>;
    const fields = [...form.elements].filter((field) => field instanceof HTMLInputElement || field instanceof HTMLSelectElement);
    const after = fields.map((field): [string, unknown] => [field.name, valueOf(field)]);
    const changes = Object.fromEntries(after.filter(([name, value]) => before[name] !== value));
    const isDone = await this.act(async () => {
      if (Object.keys(changes).length) this.tell(await changeServerSettings(this.api, changes));
      return 'profile_saved';
    });
    await this.updateComplete;
    if (isDone) form.reset(); // To what holds now.
  }

  private tell(settings: ServerSettings): void {
    this.settings = settings;
    this.dispatchEvent(new CustomEvent<ServerSettings>('settings', { detail: settings, bubbles: true }));
  }
}

/** What stands in a field; a number that is none is left to the server to refuse. */
function valueOf(field: HTMLInputElement | HTMLSelectElement): unknown {
  if (field instanceof HTMLInputElement && field.type === 'checkbox') return field.checked;
  const text = field.value.trim();
  return field instanceof HTMLInputElement && /^\d+$/.test(text) ? Number(text) : text;
}
