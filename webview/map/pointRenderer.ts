import { PALETTE } from './colouring.js';
import type { Range } from './drawOrder.js';
import { FRAGMENT, MOST_ENTRIES, VERTEX } from './shaders.js';
import type { Viewport } from './viewport.js';

export interface PointStyle {
  /** Diameter in pixels of the screen. */
  size: number;
  opacity: number;
}

/**
 * Points by WebGL 2: two shaders of a dozen lines, compiled by the browser. Libraries for this make code out of strings, which the
 * policy of the page forbids.
 */
export class PointRenderer {
  private readonly program: WebGLProgram;
  private readonly places: WebGLBuffer;
  private readonly entries: WebGLBuffer;
  private readonly uniforms: Record<
    'centre' | 'scale' | 'size' | 'colours' | 'opacity',
    WebGLUniformLocation
  >;

  private constructor(private readonly gl: WebGL2RenderingContext) {
    this.program = linked(gl);
    this.places = gl.createBuffer();
    this.entries = gl.createBuffer();
    const at = (name: string): WebGLUniformLocation => gl.getUniformLocation(this.program, name)!;
    this.uniforms = {
      ...{ centre: at('centre'), scale: at('scale'), size: at('size') },
      ...{ colours: at('colours[0]'), opacity: at('opacity') },
    };
    gl.useProgram(this.program);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  }

  /** Null where the browser has no WebGL 2. */
  static on(canvas: HTMLCanvasElement): PointRenderer | null {
    // Kept from frame to frame: the points of a map at rest are added a part at a time.
    const gl = canvas.getContext('webgl2', { antialias: false, preserveDrawingBuffer: true });
    return gl && new PointRenderer(gl);
  }

  /** Points in the order they are drawn in, [points, 2]. */
  setPlaces(places: Float32Array): void {
    this.load(this.places, places, 'place', 2, this.gl.FLOAT);
  }

  /** The legend's entry of each of them. */
  setEntries(entries: Uint8Array): void {
    this.load(this.entries, entries, 'entry', 1, this.gl.UNSIGNED_BYTE);
  }

  /** The place in the palette of each entry, or null for one that is hidden. */
  setColours(palette: Float32Array, entries: readonly (number | null)[]): void {
    const colours = new Float32Array(4 * MOST_ENTRIES);
    entries.forEach((place, i) => {
      if (place !== null && place < PALETTE)
        colours.set([...palette.subarray(3 * place, 3 * place + 3), 1], 4 * i);
    });
    this.gl.uniform4fv(this.uniforms.colours, colours);
  }

  clear(): void {
    const { gl } = this;
    gl.viewport(0, 0, gl.drawingBufferWidth, gl.drawingBufferHeight);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
  }

  draw({ first, count }: Range, view: Viewport, { size, opacity }: PointStyle): void {
    if (count <= 0) return;
    const { gl, uniforms } = this;
    const density = gl.drawingBufferWidth / view.width;
    gl.uniform2f(uniforms.centre, view.x, view.y);
    gl.uniform2f(uniforms.scale, (2 * view.scale) / view.width, (2 * view.scale) / view.height);
    gl.uniform1f(uniforms.size, size * density);
    gl.uniform1f(uniforms.opacity, opacity);
    gl.drawArrays(gl.POINTS, first, count);
  }

  private load(
    buffer: WebGLBuffer,
    values: Float32Array | Uint8Array,
    attribute: string,
    width: number,
    type: number,
  ): void {
    const { gl } = this;
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.bufferData(gl.ARRAY_BUFFER, values, gl.STATIC_DRAW);
    const at = gl.getAttribLocation(this.program, attribute);
    gl.enableVertexAttribArray(at);
    gl.vertexAttribPointer(at, width, type, false, 0, 0);
  }
}

function linked(gl: WebGL2RenderingContext): WebGLProgram {
  const program = gl.createProgram();
  for (const [kind, source] of [
    [gl.VERTEX_SHADER, VERTEX],
    [gl.FRAGMENT_SHADER, FRAGMENT],
  ] as const) {
    const shader = gl.createShader(kind)!;
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  // A context that was lost meanwhile links nothing, and is made anew by the browser.
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost())
    throw new Error(gl.getProgramInfoLog(program) ?? 'the points cannot be drawn');
  return program;
}
