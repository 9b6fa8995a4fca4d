import { css } from 'lit';

export const appStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    height: 100%;
    min-height: 0;
  }
  header:not(.unseen) {
    display: flex;
    flex-wrap: wrap;
    gap: 8px 20px;
    align-items: center;
    justify-content: space-between;
    padding: 14px 20px 12px;
    border-bottom: 1px solid var(--line);
  }
  header > div {
    min-width: 0;
  }
  header > .title {
    flex: 1 1 240px;
  }
  h1 {
    font-size: 1.25em;
    font-weight: 600;
    line-height: 1.3;
    overflow-wrap: anywhere;
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
  }
  main {
    /* What is there for screen readers alone lies within it, and makes no page taller than its window. */
    position: relative;
    flex: 1;
    min-height: 0;
  }
  main.page {
    overflow: auto;
    padding: 20px;
  }
  .column {
    display: grid;
    gap: 24px;
    max-width: 900px;
  }
  .column > section {
    display: grid;
    gap: 12px;
  }
  details.skipped {
    margin-top: 12px;
  }
  details.skipped summary {
    cursor: pointer;
    width: fit-content;
  }
  details.skipped table {
    margin-top: 8px;
  }
  .recent {
    display: grid;
    gap: 8px;
    list-style: none;
  }
  .recent li {
    display: flex;
    flex-wrap: wrap;
    gap: 4px 16px;
    align-items: center;
    justify-content: space-between;
  }
  .recent span {
    min-width: 0;
    overflow-wrap: anywhere;
  }
  .wait {
    display: flex;
    gap: 8px;
    align-items: center;
  }
  clipcov-run {
    padding: 12px 20px;
    border-bottom: 1px solid var(--line);
  }
  main clipcov-run {
    padding: 0;
    border: 0;
  }
  @media (max-width: 520px) {
    header:not(.unseen) {
      padding: 10px 12px;
    }
    main.page,
    clipcov-run {
      padding: 12px;
    }
  }
`;
