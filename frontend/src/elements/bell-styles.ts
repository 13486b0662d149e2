import { css } from 'lit';

export const bellStyles = css`
  :host {
    display: inline-block;
    position: relative;
  }
  .bell {
    block-size: 40px;
    inline-size: 40px;
    position: relative;
  }
  .badge {
    background: var(--brass);
    border: 2px solid var(--paper);
    border-radius: 10px;
    box-sizing: content-box;
    color: var(--on-brass);
    font-size: 11px;
    font-weight: 700;
    inset-block-start: 0;
    inset-inline-start: 20px;
    line-height: 16px;
    min-inline-size: 8px;
    padding: 0 4px;
    position: absolute;
  }
  .panel {
    background: var(--paper);
    border: 1px solid var(--line-strong);
    border-radius: var(--radius);
    inline-size: 420px;
    inset-block-start: calc(100% + 8px);
    max-block-size: min(640px, 80vh);
    max-inline-size: calc(var(--room) - 8px);
    overflow: auto;
    overscroll-behavior: contain;
    position: absolute;
    right: 0;
    z-index: 10;
    --tidings-scroll-margin: 64px;
    --tidings-sticky-top: 48px;
  }
  .panel.to-the-right {
    left: 0;
    right: auto;
  }
  .panel:focus-visible {
    outline: none;
  }
  .head {
    align-items: center;
    background: var(--paper);
    display: flex;
    font-size: 17px;
    font-weight: 600;
    inset-block-start: 0;
    justify-content: space-between;
    min-block-size: 48px;
    padding-inline: 16px 8px;
    position: sticky;
    z-index: 3;
  }
  @media (max-width: 520px) {
    .panel,
    .panel.to-the-right {
      inline-size: auto;
      inset: auto 0 0;
      max-block-size: 85vh;
      max-block-size: 85dvh;
      max-inline-size: none;
      position: fixed;
    }
  }
`;
