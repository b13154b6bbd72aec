import { signal } from '@preact/signals';

/** Where the person is: the address without its host. */
export const address = signal(location.pathname + location.search);

export function go(to: string, options: { replace?: boolean } = {}): void {
  if (to === address.value) return;
  if (options.replace) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  const changesPage = pathOf(to) !== pathOf(address.value);
  address.value = to;
  if (changesPage && !options.replace) {
    scrollTo(0, 0);
    // Whoever hears the page instead of seeing it is told that it is another one.
    requestAnimationFrame(() => document.querySelector<HTMLElement>('h1')?.focus());
  }
}

/** Follows links within the dashboard without loading it anew, and the browser's way back. */
export function listenToLinks(): void {
  addEventListener('popstate', () => {
    address.value = location.pathname + location.search;
  });
  document.addEventListener('click', event => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
    const link = (event.target as Element).closest?.('a');
    if (!link || link.origin !== location.origin || link.target !== '' || link.hasAttribute('data-outside')) return;
    event.preventDefault();
    go(link.pathname + link.search);
  });
}

export function pathOf(to: string): string {
  return to.split('?', 1)[0] ?? '/';
}

/** The parameters of the address. */
export function parameters(): URLSearchParams {
  return new URLSearchParams(address.value.split('?')[1] ?? '');
}

/** Sets parameters of the address; empty ones are left out. The page stays the same. */
export function setParameters(changes: Record<string, string>): void {
  const all = parameters();
  for (const [name, value] of Object.entries(changes)) {
    if (value === '') all.delete(name);
    else all.set(name, value);
  }
  const text = all.toString();
  go(pathOf(address.value) + (text === '' ? '' : `?${text}`), { replace: true });
}

/** The page of a key. */
export function keyPath(key: string): string {
  return `/key/${encodeURIComponent(key).replaceAll('%2F', '/').replaceAll('%3A', ':')}`;
}
