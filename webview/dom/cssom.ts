import { noChange } from 'lit';
import { Directive, directive, PartType, type ElementPart, type PartInfo } from 'lit/directive.js';

/** Sets style properties through the CSSOM: the page's policy refuses style attributes, which `styleMap` starts with. */
class CssomDirective extends Directive {
  private readonly last = new Map<string, string>();

  constructor(part: PartInfo) {
    super(part);
    if (part.type !== PartType.ELEMENT) throw new Error('cssom() stands in the element itself.');
  }

  render(_properties: Record<string, string>): typeof noChange {
    return noChange;
  }

  override update(part: ElementPart, [properties]: [Record<string, string>]): typeof noChange {
    const { style } = part.element as HTMLElement;
    for (const [name, value] of Object.entries(properties)) {
      if (this.last.get(name) === value) continue;
      this.last.set(name, value);
      style.setProperty(name, value);
    }
    return noChange;
  }
}

export const cssom = directive(CssomDirective);
