const CRASHES = 5;
const WINDOW_MS = 3 * 60_000;

/** A server that crashed is started again, until the fifth crash in three minutes: then a person decides. */
export class RestartPolicy {
  private crashes: number[] = [];

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Notes a crash; true where the server may be started again. */
  crashed(): boolean {
    const now = this.now();
    this.crashes = [...this.crashes.filter((time) => now - time < WINDOW_MS), now];
    return this.crashes.length < CRASHES;
  }

  reset(): void {
    this.crashes = [];
  }
}
