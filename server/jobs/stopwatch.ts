/** Seconds by stage. A stage timed inside another is taken out of the outer one, so that the stages add up. */
export class Stopwatch {
  readonly seconds: Record<string, number> = {};
  private readonly inner: number[] = [];

  async time<T>(stage: string, work: () => Promise<T>): Promise<T> {
    const start = this.begin();
    try {
      return await work();
    } finally {
      this.end(stage, start);
    }
  }

  timeSync<T>(stage: string, work: () => T): T {
    const start = this.begin();
    try {
      return work();
    } finally {
      this.end(stage, start);
    }
  }

  private begin(): number {
    this.inner.push(0);
    return performance.now();
  }

  private end(stage: string, start: number): void {
    const whole = performance.now() - start;
    const nested = this.inner.pop()!;
    this.seconds[stage] = (this.seconds[stage] ?? 0) + (whole - nested) / 1000;
    if (this.inner.length) this.inner[this.inner.length - 1]! += whole;
  }
}
