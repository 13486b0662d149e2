import { css } from 'lit';

export const inboxStyles = css`
  :host {
    background: var(--paper);
    display: block;
    position: relative;
  }
  .toolbar {
    align-items: center;
    border-block-end: 1px solid var(--line);
    display: flex;
    flex-wrap: wrap;
    gap: 0 4px;
    justify-content: space-between;
    min-block-size: 49px;
    padding: 0 8px;
  }
  .tabs {
    display: flex;
    flex-wrap: wrap;
  }
  .tabs button {
    border-radius: 0;
    color: var(--ink-soft);
    margin-block-end: -1px;
    min-block-size: 48px;
    padding: 0 8px;
    position: relative;
  }
  .tabs button:hover {
    color: var(--ink);
  }
  .tabs button[aria-selected='true'] {
    border-block-end: 2px solid var(--brass);
    color: var(--ink);
    font-weight: 600;
  }
  .tabs .count {
    background: var(--brass-low);
    border-radius: 10px;
    color: var(--brass);
    font-size: 13px;
    font-weight: 600;
    line-height: 20px;
    min-inline-size: 20px;
    padding: 0 6px;
  }
  .tabs :focus-visible,
  .entry:focus-visible {
    outline-offset: -2px;
  }
  .all {
    display: flex;
    margin-inline-start: auto;
  }
  @media (max-width: 400px) {
    .tabs button {
      gap: 4px;
      padding: 0 6px;
    }
    .all button {
      min-inline-size: 28px;
      padding: 0 4px;
    }
  }
  .panel {
    position: relative;
  }
  .top {
    block-size: 1px;
    inset-block-start: 0;
    inset-inline: 0;
    position: absolute;
    scroll-margin-block-start: var(--tidings-scroll-margin, 120px);
  }
  .pill {
    block-size: 0;
    display: flex;
    inset-block-start: calc(var(--tidings-sticky-top, 0px) + 8px);
    justify-content: center;
    position: sticky;
    z-index: 1;
  }
  .pill button {
    border-radius: 16px;
    block-size: 32px;
  }
  .entry {
    border-block-end: 1px solid var(--line);
    column-gap: 12px;
    display: grid;
    grid-template-columns: 8px 32px minmax(0, 1fr);
    padding-block: 12px;
    padding-inline: 12px 16px;
    position: relative;
    scroll-margin-block: 64px;
  }
  .entry:hover {
    background: var(--paper-low);
  }
  .dot {
    block-size: 8px;
    border-radius: 4px;
    inline-size: 8px;
    margin-block-start: 12px;
  }
  .unread .dot {
    background: var(--brass);
    forced-color-adjust: none;
  }
  .tile {
    align-items: center;
    background: var(--paper-low);
    block-size: 32px;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    color: var(--ink-soft);
    display: flex;
    justify-content: center;
  }
  .unread .tile {
    background: var(--brass-low);
    border-color: transparent;
    color: var(--brass);
  }
  .line {
    align-items: baseline;
    column-gap: 12px;
    display: flex;
    justify-content: space-between;
  }
  .title {
    border: 0;
    color: inherit;
    display: inline;
    min-block-size: 24px;
    min-inline-size: 0;
    overflow-wrap: anywhere;
    padding: 0;
    text-align: start;
    text-decoration: none;
  }
  .title:hover {
    text-decoration: underline;
  }
  .unread .title {
    font-weight: 600;
  }
  time {
    color: var(--ink-soft);
    flex: none;
    font-size: 13px;
    white-space: nowrap;
  }
  .message,
  .meta {
    color: var(--ink-soft);
    margin: 0;
    overflow-wrap: anywhere;
  }
  .message {
    white-space: pre-line;
  }
  .unread .message {
    color: var(--ink);
  }
  .message code {
    background: var(--paper-low);
    border-radius: 4px;
    font-size: 13px;
    padding: 1px 4px;
  }
  .meta {
    align-items: center;
    display: flex;
    flex-wrap: wrap;
    font-size: 13px;
    gap: 0 12px;
    min-block-size: 24px;
  }
  .meta:last-child {
    padding-inline-end: 108px;
  }
  .priority {
    align-items: center;
    color: var(--brass);
    display: inline-flex;
    font-weight: 600;
    gap: 4px;
  }
  .priority.urgent {
    color: var(--danger);
  }
  .priority .icon {
    block-size: 16px;
    inline-size: 16px;
  }
  .action {
    color: var(--ink);
    font-size: 14px;
    margin-block-start: 8px;
    max-inline-size: calc(100% - 100px);
  }
  .tools {
    display: flex;
    inset-block-end: 8px;
    inset-inline-end: 8px;
    opacity: 0;
    position: absolute;
    transition: opacity 120ms;
  }
  .tools button {
    min-block-size: 28px;
  }
  .entry:hover .tools,
  .entry:focus-within .tools {
    background: var(--paper-low);
    border-radius: var(--radius);
    opacity: 1;
  }
  .entry:focus-within {
    background: var(--paper-low);
  }
  @media (forced-colors: active) {
    .tabs button {
      border-color: transparent;
    }
    .tabs button[aria-selected='true'] {
      border-color: Highlight;
    }
    .unread .dot {
      background: Highlight;
    }
  }
  @media (hover: none) {
    .tools {
      background: none;
      opacity: 1;
    }
  }
  .more {
    align-items: center;
    color: var(--ink-soft);
    display: flex;
    font-size: 13px;
    justify-content: center;
    min-block-size: 72px;
  }
  .more button {
    font-size: 15px;
    min-block-size: 40px;
  }
  .state {
    align-items: center;
    color: var(--ink-soft);
    display: flex;
    flex-direction: column;
    gap: 4px;
    justify-content: center;
    min-block-size: 360px;
    padding: 32px 24px;
    text-align: center;
  }
  .state strong {
    color: var(--ink);
    font-size: 17px;
  }
  .state button {
    color: var(--ink);
    margin-block-start: 16px;
    min-block-size: 40px;
  }
  .seal {
    align-items: center;
    block-size: 64px;
    border: 1px solid var(--brass);
    border-radius: 50%;
    color: var(--brass);
    display: flex;
    inline-size: 64px;
    justify-content: center;
    margin-block-end: 12px;
    outline: 1px solid var(--brass-low);
    outline-offset: 7px;
  }
  .seal .icon {
    block-size: 28px;
    inline-size: 28px;
    stroke-width: 1.3;
  }
  .skeleton {
    block-size: 97px;
  }
  .bar {
    animation: breathe 1.2s ease-in-out infinite alternate;
    background: var(--line);
    block-size: 12px;
    border-radius: 6px;
    display: block;
    inline-size: 80%;
    margin-block: 8px 12px;
  }
  .bar.short {
    inline-size: 45%;
  }
  @keyframes breathe {
    to {
      opacity: 0.45;
    }
  }
  .foot {
    block-size: 0;
    inset-block-end: 0;
    position: sticky;
    z-index: 1;
  }
  .notices {
    display: grid;
    gap: 8px;
    inset-block-end: 12px;
    inset-inline: 8px;
    justify-content: center;
    position: absolute;
  }
  .banner,
  .toast {
    align-items: center;
    background: var(--paper);
    border: 1px solid var(--line-strong);
    border-radius: var(--radius);
    display: flex;
    gap: 12px;
    min-block-size: 48px;
    padding: 7px 8px 7px 16px;
  }
  .banner button,
  .toast button {
    flex: none;
  }
  .banner {
    animation: appear 0s 2s backwards;
  }
  @keyframes appear {
    from {
      visibility: hidden;
    }
  }
`;
