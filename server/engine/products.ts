import { Tensor, type InferenceSession } from 'onnxruntime-node';
import type { SimilarPairs } from '../selection/nearDuplicates.js';
import { createSession, type Device } from './device.js';
import { outerProductGraph, similarPairsGraph } from './graphs.js';

/** leftᵀ · right of two chunks [rows, dim], as [dim, dim]. */
export type OuterProduct = (left: Float32Array, right: Float32Array, rows: number) => Promise<Float32Array>;

export async function outerProduct(device: Device, dim: number): Promise<OuterProduct> {
  const session = await createSession(outerProductGraph(dim), device);
  return async (left, right, rows) => {
    const feeds = {
      left: new Tensor('float32', left, [rows, dim]),
      right: new Tensor('float32', right, [rows, dim]),
    };
    return (await output(session, feeds, 'product')) as Float32Array;
  };
}

export async function similarPairs(device: Device, dim: number): Promise<SimilarPairs> {
  const session = await createSession(similarPairsGraph(dim), device);
  return async (left, right, threshold) => {
    const feeds = {
      left: new Tensor('float32', left, [left.length / dim, dim]),
      right: new Tensor('float32', right, [right.length / dim, dim]),
      threshold: new Tensor('float32', Float32Array.of(threshold), [1]),
    };
    return Int32Array.from((await output(session, feeds, 'pairs')) as BigInt64Array, Number);
  };
}

async function output(
  session: InferenceSession,
  feeds: Record<string, Tensor>,
  name: string,
): Promise<Tensor['data']> {
  return (await session.run(feeds))[name]!.data;
}
