/** Runs `action` once nothing was requested for `quietMs`. */
export class Debounce {
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly action: () => void,
    private readonly quietMs: number,
  ) {}

  request(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.timer = null;
      this.action();
    }, this.quietMs);
  }

  dispose(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
  }
}
