import { css } from 'lit';

/** A pair: its picture above, its caption and figures beneath. Heights are fixed: the grid counts on them. */
export const cardStyles = css`
  .card {
    display: grid;
    grid-template-rows: 120px 1fr;
    height: 206px;
    min-width: 0;
    overflow: hidden;
    border: 1px solid var(--line);
    border-radius: 4px;
    background: var(--surface);
  }
  .card .picture {
    position: relative;
    display: grid;
    place-items: center;
    min-width: 0;
    overflow: hidden;
    color: var(--muted);
    background: var(--vscode-textCodeBlock-background, rgba(128, 128, 128, 0.1));
  }
  .card img {
    width: 100%;
    height: 120px;
    object-fit: contain;
    display: block;
  }
  .card .rank {
    position: absolute;
    top: 6px;
    left: 6px;
    padding: 0 6px;
    border-radius: 9px;
    font-size: 11px;
    line-height: 18px;
    font-variant-numeric: tabular-nums;
    color: var(--vscode-badge-foreground);
    background: var(--vscode-badge-background);
    outline: 1px solid var(--vscode-contrastBorder, transparent);
  }
  .card .text {
    display: grid;
    grid-template-rows: 2.7em 1fr auto;
    gap: 2px;
    min-width: 0;
    padding: 6px 8px;
  }
  .card .caption {
    display: -webkit-box;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 2;
    overflow: hidden;
    line-height: 1.35;
    max-height: 2.7em;
    overflow-wrap: anywhere;
  }
  .card .class,
  .card .scores {
    font-size: 0.9em;
    color: var(--muted);
    white-space: nowrap;
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .card .class {
    align-self: end;
  }
  .card .scores {
    display: flex;
    gap: 10px;
    font-variant-numeric: tabular-nums;
  }
  .card .scores b {
    font-weight: 600;
    color: var(--vscode-foreground);
  }
`;
