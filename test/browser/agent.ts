import type { CDPSession, Page } from 'playwright-core';
import { expect, vi } from 'vitest';

/** A thing on the page as assistive technology has it: the one way to look into closed shadow roots. */
export interface Thing {
  role: string;
  name: string;
  description: string;
  focused: boolean;
  disabled: boolean;
  node: number;
}

type Name = string | RegExp;

/** Somebody who uses a page by what it says of itself, with mouse and keyboard. */
export interface Agent {
  page: Page;
  /** All things of a role whose name fits, in the order of the page. */
  all(role: string, name?: Name): Promise<Thing[]>;
  /** Waits until there is exactly one. */
  sees(role: string, name: Name): Promise<Thing>;
  seesNo(role: string, name: Name): Promise<void>;
  press(role: string, name: Name, options?: { clickCount?: number }): Promise<void>;
  /** Waits for the button's link to an issue; the page may have others to the same one. */
  seesIssue(reference?: string): Promise<Thing>;
  seesNoIssue(): Promise<void>;
  /** Where a link leads to. */
  linkOf(thing: Thing): Promise<string>;
}

const PATIENCE = { timeout: 20_000, interval: 50 };

export async function agentAt(page: Page): Promise<Agent> {
  const session = await page.context().newCDPSession(page);
  await session.send('DOM.enable');
  await session.send('Accessibility.enable');

  const all = async (role: string, name?: Name): Promise<Thing[]> =>
    (await thingsOf(session)).filter(thing => thing.role === role && (name === undefined || fits(thing.name, name)));

  const sees = (role: string, name: Name): Promise<Thing> =>
    vi.waitFor(async () => {
      const things = await all(role, name);
      if (things.length !== 1) {
        const there = (await thingsOf(session)).filter(each => each.role === role).map(each => each.name);
        throw new Error(`${things.length} × ${role} ${String(name)}; there are: ${there.join(' | ')}`);
      }
      return things[0]!;
    }, PATIENCE);

  return {
    page,
    seesIssue: reference =>
      vi.waitFor(async () => {
        const things = (await all('link')).filter(isIssue);
        expect(things.map(each => each.name)).toEqual([reference ?? expect.stringMatching(/^acme\/appliance#\d+$/)]);
        return things[0]!;
      }, PATIENCE),
    seesNoIssue: () => vi.waitFor(async () => expect((await all('link')).filter(isIssue)).toEqual([]), PATIENCE),
    all,
    sees,
    seesNo: (role, name) => vi.waitFor(async () => expect(await all(role, name)).toEqual([]), PATIENCE),
    press: async (role, name, options) => {
      const { node } = await sees(role, name);
      await session.send('DOM.scrollIntoViewIfNeeded', { backendNodeId: node });
      const { quads } = await session.send('DOM.getContentQuads', { backendNodeId: node });
      const [x1, y1, , , x2, y2] = quads[0]!;
      await page.mouse.click((x1! + x2!) / 2, (y1! + y2!) / 2, options);
    },
    linkOf: async ({ node }) => {
      const { object } = await session.send('DOM.resolveNode', { backendNodeId: node });
      const call = { objectId: object.objectId!, functionDeclaration: 'function () { return this.href; }' };
      return String((await session.send('Runtime.callFunctionOn', call)).result.value);
    },
  };
}

async function thingsOf(session: CDPSession): Promise<Thing[]> {
  const { nodes } = await session.send('Accessibility.getFullAXTree');
  return nodes
    .filter(node => !node.ignored && node.backendDOMNodeId !== undefined)
    .map(node => {
      const property = (name: string) => node.properties?.find(each => each.name === name)?.value.value === true;
      return {
        role: String(node.role?.value ?? ''),
        name: String(node.name?.value ?? ''),
        description: String(node.description?.value ?? ''),
        focused: property('focused'),
        disabled: property('disabled'),
        node: node.backendDOMNodeId!,
      };
    });
}

function isIssue({ name, description }: Thing): boolean {
  return description.startsWith(`Opens ${name} in GitLab`);
}

function fits(text: string, name: Name): boolean {
  return typeof name === 'string' ? text === name : name.test(text);
}
