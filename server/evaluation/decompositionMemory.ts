import { KernelMemory } from '../kernels/kernels.js';

type Values = Float64Array<ArrayBuffer>;

/** Where decompositions of one matrix after another work. */
export interface DecompositionMemory {
  n: number;
  memory: KernelMemory;
  /** [n, n] */
  matrices: [Values, Values];
  /** [n] */
  vectors: [Values, Values, Values, Values, Values, Values];
}

/** The one that was used last and is not in use: kernel memories are scarce. */
let kept: DecompositionMemory | null = null;

/** Lends memory that holds whatever was left there; who comes while it is lent gets other memory. */
export async function withDecompositionMemory<T>(
  n: number,
  work: (memory: DecompositionMemory) => Promise<T>,
): Promise<T> {
  const lent = kept?.n === n ? kept : made(n);
  kept = null;
  try {
    return await work(lent);
  } finally {
    kept = lent;
  }
}

function made(n: number): DecompositionMemory {
  const memory = new KernelMemory(8 * (2 * n * n + 6 * n) + 8 * 16);
  const matrix = (): Values => memory.float64(n * n);
  const vector = (): Values => memory.float64(n);
  return {
    ...{ n, memory, matrices: [matrix(), matrix()] },
    vectors: [vector(), vector(), vector(), vector(), vector(), vector()],
  };
}
