import { css } from 'lit';

/**
 * A pair: its picture above, its caption and figures beneath. Heights are fixed: the grid counts on them. Blocks alone, and what
 * may stick out is cut off in as few places as can be: a list that is scrolled lays cards out and clips them in every frame.
 */
export const cardStyles = css`
  .card {
    position: relative;
    height: 206px;
    min-width: 0;
    border: 1px solid var(--line);
    border-radius: 4px;
    background: var(--surface);
    contain: layout size style;
  }
  .card .picture {
    position: relative;
    height: 120px;
    border-radius: 3px 3px 0 0;
    color: var(--muted);
    background: var(--vscode-textCodeBlock-background, rgba(128, 128, 128, 0.1));
  }
  .card .picture > .icon {
    position: absolute;
    top: 52px;
    left: calc(50% - 8px);
  }
  .card img {
    position: absolute;
    width: 100%;
    height: 120px;
    object-fit: contain;
    border-radius: 3px 3px 0 0;
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
    position: relative;
    height: 84px;
    padding: 6px 8px;
  }
  .card .caption {
    display: -webkit-box;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 2;
    overflow: hidden;
    line-height: 1.35;
    height: 2.7em;
    overflow-wrap: anywhere;
  }
  .card .class,
  .card .scores {
    position: absolute;
    left: 8px;
    right: 8px;
    font-size: 0.9em;
    line-height: 16px;
    color: var(--muted);
    white-space: nowrap;
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .card .class {
    bottom: 23px;
  }
  .card .scores {
    bottom: 6px;
    font-variant-numeric: tabular-nums;
  }
  .card .scores span:not([hidden]) + span {
    margin-left: 10px;
  }
  .card .scores b {
    font-weight: 600;
    color: var(--vscode-foreground);
  }
`;
