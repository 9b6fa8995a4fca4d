import { sampled, type DrawOrder, type Range } from './drawOrder.js';

/** No more points are drawn in one frame. */
export const MOST_MOVING = 100_000;
const FEWEST_MOVING = 15_000;
/** A frame that took longer was too much, in ms; one of `EASY` leaves room for more. */
const [SLOW, EASY] = [20, 14];
/** How long a map must be left alone to be at rest, in ms. */
const REST = 120;

export interface Layers {
  clear(): void;
  dropped(range: Range): void;
  picked(range: Range): void;
}

/**
 * Which points are drawn in which frame. While the map moves: a sample, of fewer points where frames take too long. At rest: all
 * of them, a part each frame so that the next movement need not wait, and the picks last, on top.
 */
export class Frames {
  private asked = 0;
  private order: DrawOrder = { rows: new Int32Array(0), dropped: 0 };
  /** Whether what is drawn is no longer what is to be seen. */
  private stale = false;
  private moved = 0;
  /** When the frame before was drawn, where that was of a movement too. */
  private last = 0;
  /** How many of either are drawn; of the picks, on top of all others. */
  private drawn = { dropped: 0, picked: 0 };
  private most = MOST_MOVING;

  constructor(private readonly layers: Layers) {}

  setOrder(order: DrawOrder): void {
    this.order = order;
    this.move();
  }

  /** To be called whenever what is to be seen is another. */
  move(): void {
    this.moved = performance.now();
    this.stale = true;
    this.ask();
  }

  stop(): void {
    cancelAnimationFrame(this.asked);
    this.asked = 0;
  }

  private ask(): void {
    this.asked ||= requestAnimationFrame((now) => this.frame(now));
  }

  private frame(now: number): void {
    this.asked = 0;
    if (this.stale) {
      this.stale = false;
      this.adapt(now);
      this.sample();
      return this.ask();
    }
    this.last = 0;
    if (performance.now() - this.moved < REST || this.add()) this.ask();
  }

  private sample(): void {
    const { dropped, picked } = sampled(this.order, this.most);
    this.layers.clear();
    this.layers.dropped(dropped);
    this.layers.picked(picked);
    const all = dropped.count + picked.count === this.order.rows.length;
    this.drawn = { dropped: dropped.count, picked: all ? picked.count : 0 };
  }

  /** Adds a part of what is missing; whether something was. */
  private add(): boolean {
    const { drawn, order, layers } = this;
    const picks = order.rows.length - order.dropped;
    if (drawn.dropped < order.dropped) {
      const count = Math.min(MOST_MOVING, order.dropped - drawn.dropped);
      layers.dropped({ first: drawn.dropped, count });
      drawn.dropped += count;
    } else if (drawn.picked < picks) {
      const count = Math.min(MOST_MOVING, picks - drawn.picked);
      layers.picked({ first: order.dropped + drawn.picked, count });
      drawn.picked += count;
    } else return false;
    return true;
  }

  /** Two frames of a movement in succession tell how long one takes. */
  private adapt(now: number): void {
    const took = this.last > 0 ? now - this.last : 0;
    this.last = now;
    if (took <= 0) return;
    if (took > SLOW) this.most = Math.max(FEWEST_MOVING, this.most * 0.8);
    else if (took < EASY) this.most = Math.min(MOST_MOVING, this.most * 1.1);
  }
}
