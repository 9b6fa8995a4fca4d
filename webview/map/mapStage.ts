import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { moveFocus } from '../dom/moveFocus.js';
import { shared } from '../styles/shared.js';
import { count } from '../text/format.js';
import { t } from '../text/l10n.js';
import type { Colouring } from './colouring.js';
import { pressKey, type Cursor } from './cursor.js';
import { drawOrder, magnified, type DrawOrder, type Range } from './drawOrder.js';
import { Frames } from './frames.js';
import type { MapData } from './mapData.js';
import { PointIndex } from './pointIndex.js';
import { PointRenderer, type PointStyle } from './pointRenderer.js';
import { beside, overlay, type Outline } from './stageOverlay.js';
import { stageStyles } from './stageStyles.js';
import { Viewport } from './viewport.js';

/** How near the pointer must be to a pair, in pixels. */
const REACH = 10;
/** Less than so many pixels are a click; a lasso gets a corner after as many. */
const STEP = 4;
/** So many corners are enough for any way round; the server takes no more. */
const MOST_CORNERS = 4000;
/** Nobody sees the difference of more pixels, and each costs time. */
const DENSEST = 2;

/** The points themselves: drawn, moved, pointed at, and gone around, by mouse or keys. */
@customElement('clipcov-map-stage')
export class MapStage extends LitElement {
  static override styles = [shared, stageStyles];

  @property({ attribute: false }) data!: MapData;
  @property({ attribute: false }) colours!: Colouring;
  @property({ attribute: false }) palette!: Float32Array;
  /** Entries of the legend that are not shown. */
  @property({ attribute: false }) without: ReadonlySet<number> = new Set();
  /** Whether dragging draws a lasso; it moves the map otherwise. */
  @property({ type: Boolean }) lassoing = false;
  /** The row of the point whose pair is shown in full, or −1. */
  @property({ type: Number }) opened = -1;
  @state() private outline: Outline | null = null;
  @state() private found = -1;
  @state() private focused = false;
  @query('.stage') private stage!: HTMLElement;
  @query('canvas') private canvas!: HTMLCanvasElement;
  private readonly view = new Viewport();
  private readonly cursor: Cursor = { px: 0, py: 0 };
  private order: DrawOrder = { rows: new Int32Array(0), dropped: 0 };
  private index: PointIndex | null = null;
  private renderer: PointRenderer | null = null;
  private pointer: { px: number; py: number; drawing: boolean; moved: boolean } | null = null;
  private readonly resizes = new ResizeObserver(() => this.resized());
  private readonly frames = new Frames({
    clear: () => this.renderer?.clear(),
    dropped: (range) => this.draw(range, { size: 2.6, opacity: 0.55 }),
    picked: (range) => this.draw(range, { size: 4.2, opacity: 1 }),
  });

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.resizes.disconnect();
    this.frames.stop();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('data')) return;
    this.order = drawOrder(this.data.points, this.data.ranks);
    this.index = new PointIndex(this.data.points, this.data.bounds);
    this.outline = null;
    this.found = -1;
  }

  protected override firstUpdated(): void {
    this.begin();
    this.canvas.addEventListener('webglcontextlost', (event) => event.preventDefault());
    this.canvas.addEventListener('webglcontextrestored', () => this.begin());
    // Not passive: the page must not scroll.
    this.stage.addEventListener('wheel', (event) => this.wheel(event), { passive: false });
    this.resizes.observe(this.stage);
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('data')) this.place();
    const painted: (keyof MapStage)[] = ['data', 'colours', 'palette', 'without'];
    if (painted.some((name) => changed.has(name))) this.paint();
  }

  override render(): TemplateResult {
    const { found, opened, focused, cursor, outline, view } = this;
    return html`<div
        class="stage"
        role="application"
        tabindex="0"
        aria-label=${t('Map of {0} pairs', count(this.data.view.rows))}
        aria-describedby="keys"
        @pointerdown=${(event: PointerEvent) => this.pointerDown(event)}
        @pointermove=${(event: PointerEvent) => this.pointerMoved(event)}
        @pointerup=${(event: PointerEvent) => this.pointerUp(event)}
        @pointerleave=${() => this.look(-1)}
        @keydown=${(event: KeyboardEvent) => this.keyDown(event)}
        @focus=${() => (this.focused = true)}
        @blur=${() => this.blurred()}
      >
        <canvas></canvas>
        ${overlay({
          outline: outline && { ...outline, view },
          cursor: focused ? cursor : null,
          found: found >= 0 ? this.windowPlace(found) : null,
          opened: opened >= 0 ? this.windowPlace(opened) : null,
        })}
        ${found >= 0 ? beside(this.windowPlace(found), view) : nothing}
      </div>
      <p id="keys" class="unseen">
        ${t('Arrows move the cursor, with Shift the map; + and − zoom, 0 shows all. Enter shows the pair under the cursor in full, Space sets the corners of a rectangle.')}
      </p>`;
  }

  override focus(): void {
    moveFocus(this.stage);
  }

  /** Shows the whole map. */
  fit(): void {
    this.view.fit(this.data.bounds);
    this.moved();
  }

  /** The corners of what is in view. */
  get corners(): number[] {
    return this.view.corners;
  }

  /** Takes what lies within; null takes nothing. */
  take(corners: number[] | null): void {
    this.outline = corners && { corners, closed: true };
    this.dispatchEvent(new CustomEvent<number[] | null>('take', { detail: corners }));
  }

  private blurred(): void {
    this.focused = false;
    this.look(-1);
  }

  private windowPlace(row: number): [px: number, py: number] {
    const { points } = this.data;
    return this.view.toWindow(points[2 * row]!, points[2 * row + 1]!);
  }

  private draw(range: Range, { size, opacity }: PointStyle): void {
    this.renderer?.draw(range, this.view, { size: size * magnified(this.order.rows.length), opacity });
  }

  private begin(): void {
    this.renderer = PointRenderer.on(this.canvas);
    if (!this.renderer) return void this.dispatchEvent(new CustomEvent('unsupported'));
    this.place();
    this.paint();
  }

  private place(): void {
    const { data, order, renderer } = this;
    if (!renderer) return;
    const places = new Float32Array(2 * order.rows.length);
    order.rows.forEach((row, i) => {
      places[2 * i] = data.points[2 * row]!;
      places[2 * i + 1] = data.points[2 * row + 1]!;
    });
    renderer.setPlaces(places);
    this.measure();
    this.view.fit(data.bounds);
    this.cursor.px = this.view.width / 2;
    this.cursor.py = this.view.height / 2;
    this.frames.setOrder(order);
  }

  private paint(): void {
    const { colours, renderer, order, palette, without } = this;
    if (!renderer) return;
    renderer.setEntries(Uint8Array.from(order.rows, (row) => colours.entries[row]!));
    const places = colours.legend.map(({ colour }, entry) => (without.has(entry) ? null : colour));
    renderer.setColours(palette, places);
    this.frames.move();
  }

  private moved(): void {
    this.frames.move();
    this.requestUpdate();
  }

  private measure(): void {
    const { stage, canvas, view } = this;
    if (stage.clientWidth === 0) return;
    view.resize(stage.clientWidth, stage.clientHeight);
    const density = Math.min(DENSEST, window.devicePixelRatio);
    canvas.width = Math.round(view.width * density);
    canvas.height = Math.round(view.height * density);
  }

  private resized(): void {
    this.measure();
    this.moved();
  }

  private wheel(event: WheelEvent): void {
    event.preventDefault();
    const [px, py] = this.placeOf(event);
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 30 : 1;
    this.view.zoomAt(px, py, Math.exp(-event.deltaY * unit * 0.002));
    this.moved();
  }

  /** A key or the pointer may come before the frame in which a new size is told. */
  private settle(): void {
    const { stage, view } = this;
    if (stage.clientWidth !== view.width || stage.clientHeight !== view.height) this.resized();
  }

  private placeOf(event: MouseEvent): [number, number] {
    this.settle();
    const { left, top } = this.stage.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  }

  private pointerDown(event: PointerEvent): void {
    if (event.button !== 0) return;
    const [px, py] = this.placeOf(event);
    const drawing = this.lassoing || event.shiftKey;
    this.pointer = { px, py, drawing, moved: false };
    this.stage.setPointerCapture(event.pointerId);
    if (drawing) this.look(-1);
    if (drawing) this.outline = { corners: this.view.toMap(px, py), closed: false };
  }

  private pointerMoved(event: PointerEvent): void {
    const [px, py] = this.placeOf(event);
    const { pointer, outline } = this;
    if (!pointer) return this.look(this.near(px, py));
    if (Math.hypot(px - pointer.px, py - pointer.py) < (pointer.moved && !pointer.drawing ? 1 : STEP)) return;
    pointer.moved = true;
    if (pointer.drawing && outline && outline.corners.length >= 2 * MOST_CORNERS) return;
    if (pointer.drawing && outline)
      this.outline = { corners: [...outline.corners, ...this.view.toMap(px, py)], closed: false };
    else this.view.panBy(px - pointer.px, py - pointer.py);
    pointer.px = px;
    pointer.py = py;
    if (!pointer.drawing) this.moved();
  }

  private pointerUp(event: PointerEvent): void {
    const { pointer, outline } = this;
    this.pointer = null;
    if (pointer?.drawing && outline) this.take(outline.corners.length >= 6 ? outline.corners : null);
    const [px, py] = this.placeOf(event);
    Object.assign(this.cursor, { px, py });
    if (pointer && !pointer.drawing && !pointer.moved) this.open(this.near(px, py));
  }

  private keyDown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey) return;
    this.settle();
    const { view, cursor } = this;
    if (event.key === ' ') this.setCorner();
    else if (event.key === '0') this.fit();
    else if (event.key === 'Enter') this.open(this.near(cursor.px, cursor.py));
    else if (event.key === 'Escape' && this.outline) this.take(null);
    else {
      const effect = pressKey(event, view, cursor);
      if (effect === null) return;
      if (effect === 'view') this.moved();
    }
    event.preventDefault();
    this.look(this.near(cursor.px, cursor.py));
    if (this.outline && !this.outline.closed) this.stretch();
    this.requestUpdate();
  }

  /** The first corner of a rectangle, or the one opposite to it. */
  private setCorner(): void {
    const { outline, cursor } = this;
    if (outline && !outline.closed) return this.take(outline.corners);
    const [x, y] = this.view.toMap(cursor.px, cursor.py);
    this.outline = { corners: [x, y, x, y, x, y, x, y], closed: false };
  }

  private stretch(): void {
    const [x0, y0] = this.outline!.corners as [number, number];
    const [x, y] = this.view.toMap(this.cursor.px, this.cursor.py);
    this.outline = { corners: [x0, y0, x, y0, x, y, x0, y], closed: false };
  }

  private near(px: number, py: number): number {
    const [x, y] = this.view.toMap(px, py);
    const shown = (row: number): boolean => !this.without.has(this.colours.entries[row]!);
    return this.index?.nearest(x, y, REACH / this.view.scale, shown) ?? -1;
  }

  private open(row: number): void {
    if (row >= 0) this.dispatchEvent(new CustomEvent<number>('open-point', { detail: row }));
  }

  private look(row: number): void {
    if (row === this.found) return;
    this.found = row;
    this.dispatchEvent(new CustomEvent<number>('look', { detail: row }));
  }
}
