const SETTLE = 80;
const POLL = 1000;

/**
 * Calls `look` soon after anything in the page may have changed. A script cannot see a page's own `pushState`, so it listens
 * to what there is (the navigation API, going back, changed nodes) and looks once a second besides.
 */
export function watchPage(look: () => void): () => void {
  const life = new AbortController();
  const { signal } = life;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const soon = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      look();
    }, SETTLE);
  };
  const navigation = (globalThis as { navigation?: EventTarget }).navigation;
  navigation?.addEventListener('currententrychange', soon, { signal });
  addEventListener('popstate', soon, { signal });
  addEventListener('hashchange', soon, { signal });
  addEventListener('pageshow', soon, { signal });
  const observer = new MutationObserver(soon);
  observer.observe(document.documentElement, { childList: true, subtree: true });
  const poll = setInterval(look, POLL);
  soon();
  return () => {
    life.abort();
    observer.disconnect();
    clearInterval(poll);
    clearTimeout(timer);
  };
}
