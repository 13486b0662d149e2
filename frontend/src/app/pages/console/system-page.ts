import { html, nothing, type TemplateResult } from 'lit';
import { state } from 'lit/decorators.js';
import { readSystem } from '../../../api/console';
import type { Lane, System, Task } from '../../../api/console-types';
import { icon } from '../../../elements/icons';
import { hrefOf } from '../../root';
import { ConsolePage } from './console-page';
import type { ConsoleTranslator } from './console-speech';
import { renderSkeleton } from './states';
import { named } from './words';

const DATABASES: Record<string, string> = { sqlite: 'SQLite', postgresql: 'PostgreSQL' };

/** How the system does: what needs somebody, what waits, and what runs by itself. */
export class SystemPage extends ConsolePage {
  protected readonly heading = 'system';
  @state() private system: System | null = null;

  protected async load(): Promise<void> {
    this.system = await readSystem(this.api);
  }

  protected renderWith(c: ConsoleTranslator): TemplateResult {
    const { system } = this;
    if (!system) return html`<div class="panel">${renderSkeleton(c)}</div>`;
    return html`${this.renderAttention(system, c)}
      <dl class="tiles">
        ${renderTile(c('version'), system.version)}
        ${renderTile(c('database'), `${DATABASES[system.database.kind] ?? system.database.kind} ${system.database.version}`)}
        ${renderTile(c('mail_goes_to'), c(`mail_${system.mail.kind}`), system.mail.detail)}
      </dl>
      <section class="panel" aria-labelledby="queue-title">
        <h2 id="queue-title">${c('queue')}</h2>
        ${system.queue.length ? this.renderQueue(system.queue, c) : html`<p class="soft">${c('queue_empty')}</p>`}
      </section>
      <section class="panel" aria-labelledby="tasks-title">
        <h2 id="tasks-title">${c('tasks')}</h2>
        ${system.tasks.length ? this.renderTasks(system.tasks, c) : html`<p class="soft">${c('no_tasks')}</p>`}
      </section>`;
  }

  private renderAttention({ dead, unknown }: System, c: ConsoleTranslator): TemplateResult {
    if (dead + unknown === 0) return html`<p class="notice good with-icon">${icon('checks')}<span>${c('all_well')}</span></p>`;
    const notices = Object.entries({ dead, unknown }).map(([state, count]) =>
      count === 0
        ? nothing
        : html`<p class="notice bad with-icon">
            ${icon('warning')}<span>${c(state === 'dead' ? 'failed_dead' : 'failed_unknown', { count })}</span>
            <a href=${hrefOf(`/deliveries?state=${state}`)} data-route>${c('show_them')}</a>
          </p>`,
    );
    return html`${notices}`;
  }

  private renderQueue(queue: Lane[], c: ConsoleTranslator): TemplateResult {
    const number = new Intl.NumberFormat(c.tag);
    const columns = ['kind', 'channel', 'due_now', 'due_later', 'held', 'oldest'] as const;
    return renderTable(
      c('queue'),
      columns.map((column) => c(column)),
      queue.map((lane) => [
        named(c, 'kind', lane.kind),
        named(c, 'channel', lane.channel),
        number.format(lane.due),
        number.format(lane.later),
        number.format(lane.held),
        this.renderTime(lane.oldest_due_at, '–'),
      ]),
    );
  }

  private renderTasks(tasks: Task[], c: ConsoleTranslator): TemplateResult {
    const columns = ['task', 'last_run', 'result', 'next_run'] as const;
    return renderTable(
      c('tasks'),
      columns.map((column) => c(column)),
      tasks.map((task) => [
        html`<code>${task.task}</code>`,
        this.renderTime(task.last_run_at, c('never')),
        task.outcome === null
          ? '–'
          : html`<span class="badge ${task.outcome}">${named(c, 'run', task.outcome)}</span>
              ${task.detail ? html`<span class="soft" dir="auto">${task.detail}</span>` : nothing}`,
        this.renderTime(task.next_run_at, ''),
      ]),
    );
  }
}

function renderTile(label: string, value: string, detail = ''): TemplateResult {
  return html`<div class="tile">
    <dt>${label}</dt>
    <dd>${value}</dd>
    ${detail ? html`<dd class="soft">${detail}</dd>` : nothing}
  </div>`;
}

/** Rows that become cards on a phone; the roles keep them a table for who hears it. */
function renderTable(caption: string, columns: string[], rows: (TemplateResult | string)[][]): TemplateResult {
  return html`<table class="cards" role="table">
    <caption class="visually-hidden">${caption}</caption>
    <thead role="rowgroup">
      <tr role="row">${columns.map((column) => html`<th role="columnheader" scope="col">${column}</th>`)}</tr>
    </thead>
    <tbody role="rowgroup">
      ${rows.map(
        (cells) => html`<tr role="row">
          ${cells.map((cell, at) =>
            at === 0
              ? html`<th role="rowheader" scope="row">${cell}</th>`
              : html`<td role="cell" data-label=${columns[at] ?? ''}>${cell}</td>`,
          )}
        </tr>`,
      )}
    </tbody>
  </table>`;
}

customElements.define('tidings-system-page', SystemPage);
