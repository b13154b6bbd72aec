import { isOnDark } from '../page/theme.ts';

/** How long the toolbar may be missing before the button floats. */
const PATIENCE = 5000;
/** Asking for colours makes a page compute its styles. */
const THEME_EVERY = 1000;

/** Where the button belongs: the toolbar of a ticket. Lists have the same toolbar, but no subject. */
function findToolbar(): Element | null {
  if (document.querySelector('.ticket-subject-heading') === null) return null;
  return document.querySelector('.page-actions__left');
}

/**
 * Puts the button where it belongs as often as it is asked, or lets it float in a corner when there has been no toolbar for
 * five seconds: Freshdesk may change its page on any day. Until then it stays where it is.
 */
export function createPlacing(node: HTMLElement): { place(now: number): void; remove(): void } {
  let missingSince: number | null = null;
  let themeAt = 0;

  return {
    place: now => {
      const toolbar = findToolbar();
      if (toolbar !== null) missingSince = null;
      else missingSince ??= now;
      if (missingSince !== null && now - missingSince < PATIENCE) return;
      const parent = toolbar ?? document.body;
      if (node.parentNode === parent && now - themeAt < THEME_EVERY) return;
      if (node.parentNode !== parent) parent.append(node);
      node.toggleAttribute('data-floating', toolbar === null);
      node.toggleAttribute('data-dark', isOnDark(parent));
      themeAt = now;
    },
    remove: () => {
      missingSince = null;
      node.remove();
    },
  };
}
