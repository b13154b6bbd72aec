import { element } from './element.ts';

/** The attribute that tells our elements from the page's; its value is the instance of the script that made them. */
export const MARK = 'data-signalbox';

/** This instance. A later one has a greater name. */
const INSTANCE = `${Date.now().toString(36).padStart(9, '0')}-${Math.random().toString(36).slice(2, 8)}`;

/** An element in the page whose inside the page cannot reach. */
export interface Host {
  node: HTMLElement;
  root: ShadowRoot;
}

export function createHost(part: 'button' | 'dialog' | 'badge', styles: string): Host {
  const node = document.createElement('signalbox-part');
  node.setAttribute(MARK, INSTANCE);
  node.dataset['part'] = part;
  const root = node.attachShadow({ mode: 'closed' });
  addStyles(root, styles);
  return { node, root };
}

/**
 * Whether a later instance of the script has taken over, as after an update of the extension, when the old instance lives on
 * without its manager. What earlier instances have left is removed.
 */
export function isOvertaken(): boolean {
  let overtaken = false;
  for (const node of document.querySelectorAll(`[${MARK}]`)) {
    const instance = node.getAttribute(MARK) ?? '';
    if (instance > INSTANCE) overtaken = true;
    else if (instance < INSTANCE) node.remove();
  }
  return overtaken;
}

/** A constructed style sheet passes every policy of a page; Firefox refuses it to scripts of extensions and takes the element. */
function addStyles(root: ShadowRoot, styles: string): void {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(styles);
    root.adoptedStyleSheets = [sheet];
  } catch {
    root.append(element('style', {}, styles));
  }
}
