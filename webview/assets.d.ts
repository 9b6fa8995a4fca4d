/** The bundler turns a drawing into what stands within its `<svg>`. */
declare module '*.svg' {
  import type { SVGTemplateResult } from 'lit';

  const drawing: SVGTemplateResult;
  export default drawing;
}
