/** Arrow keys go from one row's button to the next; Tab reaches all of them too. */
export function moveByArrows(event: KeyboardEvent): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const button = (event.target as Element).closest('button.row');
  if (step === undefined || !button) return;
  const buttons = [...(event.currentTarget as Element).querySelectorAll<HTMLElement>('button.row')];
  const next = buttons[buttons.indexOf(button as HTMLElement) + step];
  event.preventDefault();
  next?.focus();
}
