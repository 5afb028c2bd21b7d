/**
 * A `ref` for what comes in the place of the button that was pressed (with `tabIndex={-1}`): it gets the focus, which would be lost
 * with the button, so that keyboards go on from there and screen readers say what has come.
 */
export function takeFocus(element: HTMLElement | null): void {
  element?.focus();
}
