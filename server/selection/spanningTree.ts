/** Two positions and the cosine between them. */
export interface Edge {
  a: number;
  b: number;
  cosine: number;
}

/**
 * Maximum spanning tree (Prim, dense) of the graph between `rows` positions from `first` on and those from `other` on,
 * whose cosines are `tile`, [rows, columns]. Where both are the same positions, each is joined to itself for free.
 */
export function tileTree(tile: Float32Array, rows: number, first: number, other: number): Edge[] {
  const columns = tile.length / rows;
  const count = rows + columns;
  const same = first === other;
  const cosineOf = (row: number, column: number): number =>
    same && row === column ? Infinity : tile[row * columns + column]!;
  const best = new Float64Array(count).fill(-Infinity);
  const from = new Int32Array(count);
  // The positions outside of the tree, in any order.
  const outside = Int32Array.from({ length: count - 1 }, (_, i) => i + 1);
  const edges: Edge[] = [];
  let joined = 0;
  for (let left = outside.length; left > 0; left--) {
    let next = 0;
    for (let i = 0; i < left; i++) {
      const vertex = outside[i]!;
      if (joined < rows !== vertex < rows) {
        const cosine = joined < rows ? cosineOf(joined, vertex - rows) : cosineOf(vertex, joined - rows);
        if (cosine > best[vertex]!) {
          best[vertex] = cosine;
          from[vertex] = joined;
        }
      }
      if (best[vertex]! > best[outside[next]!]!) next = i;
    }
    joined = outside[next]!;
    outside[next] = outside[left - 1]!;
    const [row, column] = joined < rows ? [joined, from[joined]!] : [from[joined]!, joined];
    if (best[joined]! < Infinity)
      edges.push({ a: first + row, b: other + column - rows, cosine: best[joined]! });
  }
  return edges;
}

/**
 * The maximum spanning forest of the edges (Kruskal), and for every position the cosine at which it comes to be joined
 * to a lower one, −1 for a position that never is. Does not depend on the order of equal edges.
 */
export function eldestCosines(edges: Edge[], positions: number): { tree: Edge[]; cosines: Float32Array } {
  const cosines = new Float32Array(positions).fill(-1);
  const parent = Int32Array.from({ length: positions }, (_, i) => i);
  function root(position: number): number {
    let at = position;
    while (parent[at] !== at) at = parent[at] = parent[parent[at]!]!;
    return at;
  }
  const tree = edges
    .sort((x, y) => y.cosine - x.cosine)
    .filter(({ a, b, cosine }) => {
      const [x, y] = [root(a), root(b)];
      if (x === y) return false;
      // The lowest position of a group is its root: the other one has just met a lower one.
      parent[Math.max(x, y)] = Math.min(x, y);
      cosines[Math.max(x, y)] = cosine;
      return true;
    });
  return { tree, cosines };
}
