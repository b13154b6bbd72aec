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

/** Asks the service as the page does, with its session; `change` sends the proof of where it comes from. */
export async function ask<T>(page: Page, path: string): Promise<T> {
  return page.evaluate(`fetch(${JSON.stringify(path)}).then(answer => answer.json())`);
}
