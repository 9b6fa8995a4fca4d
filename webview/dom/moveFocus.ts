/** Moves the focus within the panel. A panel that does not have it takes it from nobody: a list of the editor would close. */
export function moveFocus(element: HTMLElement | null | undefined, options?: FocusOptions): void {
  if (document.hasFocus()) element?.focus(options);
}
