/** What a client may take of the server. Tests lower some of them to see them at work. */
export interface Limits {
  connections: number;
  /** Requests of one connection that wait for their answer. */
  pending: number;
  messageBytes: number;
  /** For the HTTP headers to arrive. */
  headersMs: number;
  /** For `hello` to succeed after the upgrade. */
  helloMs: number;
  /** For a cancelled job to stop before its request is answered all the same. */
  cancelMs: number;
  /** For a thread to end once its job has answered, before the next job starts beside it. */
  lingerMs: number;
  /** For a job that did not stop to end after all, before the jobs behind it are refused. */
  stuckMs: number;
  /** JavaScript heap of a job; typed arrays and native memory are not counted in it. */
  heapMb: number;
}

export const LIMITS: Limits = {
  connections: 16,
  pending: 256,
  messageBytes: 2 ** 20,
  headersMs: 5_000,
  helloMs: 10_000,
  cancelMs: 10_000,
  lingerMs: 5_000,
  stuckMs: 60_000,
  heapMb: 4096,
};
