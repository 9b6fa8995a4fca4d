import type { Device } from '../../../server/engine/device.js';
import { EngineProducts } from '../../../server/engine/products.js';

export const CPU: Device = { name: 'cpu', report: { used: 'cpu', refused: [] } };
const byDim = new Map<number, EngineProducts>();

/** The engine's products on the CPU; sessions are made once for each width. */
export function productsOf(dim: number): EngineProducts {
  const known = byDim.get(dim) ?? new EngineProducts(CPU, dim);
  byDim.set(dim, known);
  return known;
}
