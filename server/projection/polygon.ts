/** Corners in turn, x and y of each; the last is tied to the first. */
export type Polygon = readonly number[];

/** Whether a point lies in a polygon, by how often a ray from it crosses the edge; an edge that crosses itself counts twice. */
export function isWithin(polygon: Polygon, x: number, y: number): boolean {
  let inside = false;
  for (let i = 0, j = polygon.length - 2; i < polygon.length; j = i, i += 2) {
    const [x0, y0, x1, y1] = [polygon[i]!, polygon[i + 1]!, polygon[j]!, polygon[j + 1]!];
    if (y0 > y !== y1 > y && x < ((x1 - x0) * (y - y0)) / (y1 - y0) + x0) inside = !inside;
  }
  return inside;
}

/** The rows whose points, [rows, 2], lie in a polygon, ascending. */
export function rowsWithin(points: Float32Array, polygon: Polygon): Int32Array {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < polygon.length; i += 2) {
    left = Math.min(left, polygon[i]!);
    right = Math.max(right, polygon[i]!);
    top = Math.min(top, polygon[i + 1]!);
    bottom = Math.max(bottom, polygon[i + 1]!);
  }
  const found: number[] = [];
  for (let row = 0; 2 * row < points.length; row++) {
    const [x, y] = [points[2 * row]!, points[2 * row + 1]!];
    if (x >= left && x <= right && y >= top && y <= bottom && isWithin(polygon, x, y)) found.push(row);
  }
  return Int32Array.from(found);
}
