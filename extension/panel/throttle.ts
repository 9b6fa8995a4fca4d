/** Runs `action` at once, then at most once every `intervalMs`; the last call is never lost. */
export class Throttle {
  private timer: NodeJS.Timeout | null = null;
  private wanted = false;

  constructor(
    private readonly action: () => void,
    private readonly intervalMs: number,
  ) {}

  request(): void {
    if (this.timer) {
      this.wanted = true;
      return;
    }
    this.wanted = false;
    this.action();
    this.timer = setTimeout(() => {
      this.timer = null;
      if (this.wanted) this.request();
    }, this.intervalMs);
  }

  dispose(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    this.wanted = false;
  }
}
