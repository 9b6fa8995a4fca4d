/** A legend has no more entries than that. */
export const MOST_ENTRIES = 16;

/** Where a point is, and in which colour of the legend. */
export const VERTEX = `#version 300 es
in vec2 place;
in float entry;
uniform vec2 centre;
uniform vec2 scale;
uniform float size;
uniform vec4 colours[${MOST_ENTRIES}];
out vec4 colour;
void main() {
  colour = colours[int(entry)];
  // What is hidden lies outside of what is drawn.
  gl_Position = colour.a > 0.0 ? vec4((place - centre) * scale, 0.0, 1.0) : vec4(2.0, 2.0, 2.0, 1.0);
  gl_PointSize = size;
}`;

/** A disc, with premultiplied opacity. */
export const FRAGMENT = `#version 300 es
precision mediump float;
in vec4 colour;
uniform float opacity;
out vec4 shown;
void main() {
  vec2 off = gl_PointCoord - 0.5;
  if (dot(off, off) > 0.25) discard;
  shown = vec4(colour.rgb * opacity, opacity);
}`;
