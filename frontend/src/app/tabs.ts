import { html, type TemplateResult } from 'lit';

export interface TabList<Tab extends string> {
  /** Begins the ids of the tabs; `<name>-panel` is the id of what they switch. */
  name: string;
  label: string;
  tabs: readonly { tab: Tab; label: string }[];
  selected: Tab;
  choose: (tab: Tab) => void;
}

/** Tabs after the ARIA pattern: one stop for the keyboard, the arrows go on from there and choose at once. */
export function renderTabs<Tab extends string>(list: TabList<Tab>): TemplateResult {
  const { name, label, tabs, selected, choose } = list;
  return html`<div class="tabs" role="tablist" aria-label=${label} @keydown=${(event: KeyboardEvent) => press(event, list)}>
    ${tabs.map(
      ({ tab, label }) => html`<button
        type="button"
        id="${name}-${tab}"
        role="tab"
        aria-selected=${tab === selected}
        aria-controls="${name}-panel"
        tabindex=${tab === selected ? 0 : -1}
        @click=${() => choose(tab)}
      >
        ${label}
      </button>`,
    )}
  </div>`;
}

function press<Tab extends string>(event: KeyboardEvent, { name, tabs, selected, choose }: TabList<Tab>): void {
  const list = event.currentTarget as HTMLElement;
  const next = neighbour(
    tabs.map(({ tab }) => tab),
    selected,
    event.key,
    getComputedStyle(list).direction === 'rtl',
  );
  if (next === null) return;
  event.preventDefault();
  choose(next);
  list.querySelector<HTMLElement>(`#${name}-${next}`)?.focus();
}

/** The tab that a key leads to; null for keys that mean nothing here. The ends meet. */
export function neighbour<Tab extends string>(tabs: readonly Tab[], selected: Tab, key: string, isRtl: boolean): Tab | null {
  if (key === 'Home') return tabs.at(0) ?? null;
  if (key === 'End') return tabs.at(-1) ?? null;
  if (key !== 'ArrowLeft' && key !== 'ArrowRight') return null;
  const step = (key === 'ArrowRight') === isRtl ? -1 : 1;
  return tabs.at((tabs.indexOf(selected) + step) % tabs.length) ?? null;
}
