import { html, nothing, type TemplateResult } from 'lit';

export interface Field {
  name: string;
  label: string;
  type?: 'text' | 'email' | 'password' | 'date';
  /** What stands there at first. */
  value?: string;
  isOptional?: boolean;
  /** The last day that can be chosen. */
  max?: string;
  autocomplete: string;
  hint?: string;
  /** What the server said about this field. */
  error?: string | undefined;
  pattern?: string;
  minlength?: number;
  maxlength?: number;
  inputmode?: 'numeric';
}

/** A labelled field with its hint and the server's complaint about it. */
export function renderField(field: Field): TemplateResult {
  const { name, hint, error } = field;
  return html`<div class="field">
    <label for=${name}>${field.label}</label>
    <input
      id=${name}
      name=${name}
      type=${field.type ?? 'text'}
      autocomplete=${field.autocomplete}
      autocapitalize="none"
      spellcheck="false"
      maxlength=${field.maxlength ?? 250}
      minlength=${field.minlength ?? nothing}
      pattern=${field.pattern ?? nothing}
      title=${field.pattern ? (hint ?? nothing) : nothing}
      inputmode=${field.inputmode ?? nothing}
      aria-describedby=${error ? `${name}-error` : hint ? `${name}-hint` : nothing}
      aria-invalid=${error ? 'true' : nothing}
      value=${field.value ?? nothing}
      max=${field.max ?? nothing}
      ?required=${!field.isOptional}
    />
    ${error ? html`<p class="complaint" id="${name}-error">${error}</p>` : nothing}
    ${hint && !error ? html`<p class="hint" id="${name}-hint">${hint}</p>` : nothing}
  </div>`;
}

export interface Choice {
  name: string;
  label: string;
  options: readonly { value: string; label: string; lang?: string }[];
  selected: string;
  autocomplete?: string;
}

/** A labelled choice of one out of a few. */
export function renderChoice({ name, label, options, selected, autocomplete }: Choice): TemplateResult {
  return html`<div class="field">
    <label for=${name}>${label}</label>
    <select id=${name} name=${name} autocomplete=${autocomplete ?? nothing}>
      ${options.map(
        (option) =>
          html`<option value=${option.value} lang=${option.lang ?? nothing} ?selected=${option.value === selected}>${option.label}</option>`,
      )}
    </select>
  </div>`;
}

/** A password field that can be looked at. */
export function renderPassword(field: Field, showLabel: string): TemplateResult {
  const show = (event: Event): void => {
    const box = event.target as HTMLInputElement;
    const input = box.form?.elements.namedItem(field.name);
    if (input instanceof HTMLInputElement) input.type = box.checked ? 'text' : 'password';
  };
  return html`${renderField({ ...field, type: 'password' })}
    <label class="check"><input type="checkbox" @change=${show} />${showLabel}</label>`;
}

export function valueOf(form: HTMLFormElement, name: string): string {
  const value = new FormData(form).get(name);
  return typeof value === 'string' ? value : '';
}
