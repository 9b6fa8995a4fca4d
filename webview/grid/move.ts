export interface GridShape {
  cells: number;
  columns: number;
  /** Whole rows in view, for the page keys. */
  page: number;
}

/** Where a key leads from a cell, or null where it means nothing to a grid. */
export function moveBy(key: string, ctrl: boolean, cell: number, shape: GridShape): number | null {
  const { cells, columns, page } = shape;
  const last = cells - 1;
  const clamp = (target: number): number => Math.min(last, Math.max(0, target));
  const rowStart = cell - (cell % columns);
  // A column that the last row lacks is no reason to leave the column.
  const vertical = (rows: number): number => {
    const target = cell + rows * columns;
    if (target > last) return Math.floor(cell / columns) === Math.floor(last / columns) ? cell : last;
    return target < 0 ? cell % columns : target;
  };
  switch (key) {
    case 'ArrowLeft':
      return clamp(cell - 1);
    case 'ArrowRight':
      return clamp(cell + 1);
    case 'ArrowUp':
      return vertical(-1);
    case 'ArrowDown':
      return vertical(1);
    case 'PageUp':
      return vertical(-Math.max(1, page));
    case 'PageDown':
      return vertical(Math.max(1, page));
    case 'Home':
      return ctrl ? 0 : rowStart;
    case 'End':
      return ctrl ? last : clamp(rowStart + columns - 1);
    default:
      return null;
  }
}
