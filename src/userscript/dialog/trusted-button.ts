import { element } from '../page/element.ts';

/** A button that only a person can press: a click that no person made is another script's. */
export function trustedButton(text: string, run: () => void, className = ''): HTMLButtonElement {
  const button = element('button', { type: 'button', class: className }, text);
  button.addEventListener('click', event => {
    if (event.isTrusted) run();
  });
  return button;
}
