import { cpuThreads, type Device } from '../engine/device.js';

/**
 * The fewest rows that a tower is run with; a smaller batch is filled up. One row alone takes another kernel (vector instead of
 * matrix) with other rounding, and on the CPU a mean over tokens is summed in another order where there are fewer rows than
 * threads. Running neither makes each embedding a function of its own input alone, whatever batch it was in: so a resumed or
 * partial run gives the same bytes.
 */
export function leastBatch({ name, threads }: Pick<Device, 'name' | 'threads'>): number {
  return Math.max(2, name === 'cpu' ? (threads ?? cpuThreads()) : 0);
}
