/** A rectangle of the map. */
export interface Bounds {
  left: number;
  right: number;
  bottom: number;
  top: number;
}

/** Room around all points, as a share of the window. */
const MARGIN = 0.05;
/** How much nearer than the whole one can go, and how much farther. */
const [NEAREST, FARTHEST] = [5000, 0.5];

/** Which part of the map is in the window; both axes have one scale, so that distances are what they look like. */
export class Viewport {
  x = 0;
  y = 0;
  /** Pixels a unit of the map. */
  scale = 1;
  width = 1;
  height = 1;
  private whole = 1;

  fit({ left, right, bottom, top }: Bounds): void {
    this.x = (left + right) / 2;
    this.y = (bottom + top) / 2;
    const across = this.width / Math.max(right - left, 1e-9);
    const up = this.height / Math.max(top - bottom, 1e-9);
    this.whole = Math.min(across, up) * (1 - 2 * MARGIN);
    this.scale = this.whole;
  }

  /** Another size of the window shows as much of the map as before. */
  resize(width: number, height: number): void {
    const factor = Math.min(width, height) / Math.max(1, Math.min(this.width, this.height));
    this.scale *= factor;
    this.whole *= factor;
    this.width = width;
    this.height = height;
  }

  panBy(dx: number, dy: number): void {
    this.x -= dx / this.scale;
    this.y += dy / this.scale;
  }

  /** The point of the map that is at this place of the window stays there. */
  zoomAt(px: number, py: number, factor: number): void {
    const [x, y] = this.toMap(px, py);
    this.scale = Math.min(this.whole * NEAREST, Math.max(this.whole * FARTHEST, this.scale * factor));
    this.x = x - (px - this.width / 2) / this.scale;
    this.y = y + (py - this.height / 2) / this.scale;
  }

  toMap(px: number, py: number): [x: number, y: number] {
    return [this.x + (px - this.width / 2) / this.scale, this.y - (py - this.height / 2) / this.scale];
  }

  toWindow(x: number, y: number): [px: number, py: number] {
    return [this.width / 2 + (x - this.x) * this.scale, this.height / 2 - (y - this.y) * this.scale];
  }

  /** The corners of what is in the window. */
  get corners(): number[] {
    const [left, top] = this.toMap(0, 0);
    const [right, bottom] = this.toMap(this.width, this.height);
    return [left, top, right, top, right, bottom, left, bottom];
  }
}
