import { element } from '../page/element.ts';
import { createHost } from '../page/host.ts';
import { isOnDark } from '../page/theme.ts';
import { DIALOG_STYLES } from './styles.ts';
import { trustedButton } from './trusted-button.ts';

export interface DialogAction {
  text: string;
  primary?: boolean;
  /** What is done when the dialog has been closed. */
  run?: () => void;
}

export interface DialogContent {
  title: string;
  /** Keeps its height, whatever comes into it later: a button that moves away under a finger is another button. */
  steady?: boolean;
  body: readonly Node[];
  /** What can be chosen: between the body and the buttons, where it stays. */
  choices?: readonly Node[];
  actions: readonly DialogAction[];
}

export interface Dialog {
  close(): void;
}

let open: Dialog | undefined;

/**
 * Shows a dialog; one that is open goes. The browser's own modal dialog keeps the focus inside, gives it back afterwards,
 * and closes on Escape.
 */
export function showDialog({ title, steady = false, body, choices = [], actions }: DialogContent): Dialog {
  open?.close();
  const { node, root } = createHost('dialog', DIALOG_STYLES);
  node.toggleAttribute('data-dark', isOnDark(document.querySelector('.page-actions__left') ?? document.body));
  const buttons = actions.map(({ text, primary = false, run }) =>
    trustedButton(
      text,
      () => {
        dialog.close();
        run?.();
      },
      primary ? 'primary' : '',
    ),
  );
  const modal = element(
    'dialog',
    { 'aria-labelledby': 'title', class: steady ? 'steady' : '' },
    element('h2', { id: 'title' }, title),
    element('div', { class: 'content' }, ...body),
    element('div', { class: 'choices' }, ...choices),
    element('footer', {}, ...buttons),
  );
  root.append(modal);
  // Letters typed here are no shortcuts of the page.
  for (const type of ['keydown', 'keypress', 'keyup']) node.addEventListener(type, event => event.stopPropagation());
  const dialog: Dialog = { close: () => modal.close() };
  modal.addEventListener('close', () => {
    node.remove();
    if (open === dialog) open = undefined;
  });
  document.body.append(node);
  modal.showModal();
  buttons[actions.findIndex(each => each.primary)]?.focus();
  open = dialog;
  return dialog;
}

export function closeDialog(): void {
  open?.close();
}
