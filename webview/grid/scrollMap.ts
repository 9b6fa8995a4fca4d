/** Browsers lose precision, then give up, on taller elements; beyond it one pixel of scrolling means several. */
export const TALLEST = 1_000_000;

/** Maps the scroll bar of a scroller to a content that may be far taller than any element can be. */
export class ScrollMap {
  constructor(
    readonly content: number,
    readonly viewport: number,
  ) {}

  /** Height of the element that gives the scroll bar its length. */
  get spacer(): number {
    return Math.min(this.content, TALLEST);
  }

  get scaled(): boolean {
    return this.content > TALLEST;
  }

  /** The largest offset into the content. */
  get end(): number {
    return Math.max(0, this.content - this.viewport);
  }

  toOffset(scrollTop: number): number {
    return this.clamp(this.scaled ? scrollTop * this.ratio : scrollTop);
  }

  toScroll(offset: number): number {
    return this.scaled ? this.clamp(offset) / this.ratio : this.clamp(offset);
  }

  clamp(offset: number): number {
    return Math.min(this.end, Math.max(0, offset));
  }

  /** The offset nearest to the present one at which a stretch of the content is in view. */
  reveal(offset: number, top: number, height: number): number {
    if (top < offset) return this.clamp(top);
    return this.clamp(Math.max(offset, top + height - this.viewport));
  }

  private get ratio(): number {
    return this.end / Math.max(1, this.spacer - this.viewport);
  }
}
