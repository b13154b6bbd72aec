import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** What is asked of a page in its own words: these run in the browser, whose globals the tests' types do not know. */

/** Everything the page asked for has come, and nothing more was asked for a while; the streams stay open for ever. */
export async function settled(page: Page): Promise<void> {
  await page.waitForLoadState('load');
  await page.evaluate(`new Promise(resolve => {
    let quiet = 0;
    let seen = -1;
    const look = () => {
      const now = performance.getEntriesByType('resource').length;
      quiet = now === seen && !document.body.innerText.includes('Looking …') ? quiet + 1 : 0;
      seen = now;
      if (quiet > 15) resolve();
      else setTimeout(look, 20);
    };
    look();
  })`);
}

/** How much wider the page is than its window. */
export async function overhang(page: Page): Promise<number> {
  return page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
}

/** What axe finds, of any gravity. Its script comes from the debugger, which the page's policy does not bind. */
export async function axeFaults(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(`axe.run(document).then(({ violations }) =>
    violations.map(each => [each.impact, each.id, ...each.nodes.map(node => node.target.join(' '))].join(' ')))`);
}

/** The text of what has the focus. */
export async function focusedText(page: Page): Promise<string> {
  return page.evaluate('document.activeElement.textContent.trim()');
}

export async function focusedId(page: Page): Promise<string> {
  return page.evaluate('document.activeElement.id');
}

export async function paperColour(page: Page): Promise<string> {
  return page.evaluate('getComputedStyle(document.documentElement).backgroundColor');
}

/** Asks the service as the page does, with its session. */
export async function ask<T>(page: Page, path: string): Promise<T> {
  return page.evaluate(`fetch(${JSON.stringify(path)}).then(answer => answer.json())`);
}

/** Asks for a change as the page does, with the proof of its session or with another one. */
export async function change(
  page: Page,
  path: string,
  { csrf }: { csrf?: string } = {},
): Promise<{ status: number; code: string | null }> {
  const proof = csrf === undefined ? `(await (await fetch('/v1/session')).json()).csrf` : JSON.stringify(csrf);
  return page.evaluate(`(async () => {
    const headers = { 'x-signalbox-csrf': ${proof} };
    const answer = await fetch(${JSON.stringify(path)}, { method: 'POST', headers });
    const { code = null } = await answer.json();
    return { status: answer.status, code };
  })()`);
}

/** When something was first to be seen, and when the first answer of a route had come, in ms since the page was asked for. */
export async function paints(page: Page, route: string): Promise<{ paint: number; filled: number }> {
  return page.evaluate(`({
    paint: Math.round(performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1),
    filled: Math.round(
      performance.getEntriesByType('resource').find(each => each.name.includes(${JSON.stringify(route)}))?.responseEnd ?? -1),
  })`);
}

/**
 * The longest that the page was busy at a stretch while something was done with it, in ms: what somebody feels. Browsers report
 * tasks from 50 ms on; 0 is shorter than that.
 */
export async function interaction(page: Page, act: () => Promise<unknown>): Promise<number> {
  await page.evaluate(`globalThis.busy = [];
    globalThis.watch = new PerformanceObserver(list => busy.push(...list.getEntries().map(each => each.duration)));
    watch.observe({ type: 'longtask' })`);
  await act();
  await page.evaluate('new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)))');
  return page.evaluate(
    `busy.push(...watch.takeRecords().map(each => each.duration)), watch.disconnect(), Math.round(Math.max(0, ...busy))`,
  );
}

export async function scrollTo(page: Page, place: 'middle' | 'end'): Promise<void> {
  await page.evaluate(
    `scrollTo(0, document.documentElement.scrollHeight ${place === 'end' ? '' : '/ 2'}), new Promise(resolve => setTimeout(resolve, 30))`,
  );
}

/** How often the page has asked for something. */
export async function askedFor(page: Page, route: string): Promise<number> {
  return page.evaluate(`performance.getEntriesByName(location.origin + ${JSON.stringify(route)}).length`);
}

/** Opens everything that is folded. */
export async function unfold(page: Page): Promise<void> {
  await page.evaluate(`document.querySelectorAll('main details').forEach(each => { each.open = true; })`);
}
