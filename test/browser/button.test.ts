import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { AGENT_TOKEN, type MadeIssue } from '../e2e/escalation-stage.ts';
import type { Agent } from './agent.ts';
import { type ButtonStage, ours, screenshot, setButtonStage } from './stage.ts';

let stage: ButtonStage;

beforeAll(async () => {
  stage = await setButtonStage();
});
afterEach(() => stage.tidy());
afterAll(() => stage?.close());

const ESCALATE = 'Escalate to GitLab';
const PATIENCE = { timeout: 20_000, interval: 50 };

/** Presses and confirms. */
async function escalate(agent: Agent): Promise<void> {
  await agent.press('button', ESCALATE);
  await agent.press('button', 'Escalate');
}

async function issuesOf(ticket: number): Promise<MadeIssue[]> {
  return (await stage.escalation.issues()).filter(issue => issue.description.includes(`/a/tickets/${ticket}`));
}

/** Has a ticket escalated already. */
async function escalated(ticket: number): Promise<MadeIssue> {
  await stage.escalation.press(ticket);
  await stage.escalation.ended(ticket);
  const [issue] = await issuesOf(ticket);
  return issue!;
}

const presses = () => stage.relay.requests.filter(each => each.method === 'POST' && each.path === '/v1/escalations');

/** GitLab takes its time with everything that is written. */
function slowGitLab(milliseconds: number): Promise<void> {
  const rule = (path: string) => ({ match: { method: 'POST', path }, times: 1000, fault: { delay_ms: milliseconds } });
  return stage.escalation.faults(
    'gitlab',
    rule('/api/v4/projects/*/uploads'),
    rule('/api/v4/projects/*/issues/*/notes'),
  );
}

/** Freshdesk has changed its page overnight. */
async function withoutToolbar(page: Page): Promise<void> {
  await page.route('**/a/assets/agent.js', async route => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, body: (await answer.text()).replaceAll('page-actions__left', 'other') });
  });
}

describe('a press', () => {
  it('asks first, then shows how far it is, then the issue', async () => {
    await slowGitLab(1500);
    const agent = await stage.open('/a/tickets/101');
    await agent.press('button', ESCALATE);
    await agent.sees('dialog', 'Escalate ticket 101 to GitLab?');
    await agent.sees('DisclosureTriangle', 'The description, as it will be');
    await screenshot(agent.page, 'button-ask');
    expect(presses()).toEqual([]);
    await agent.press('button', 'Escalate');
    await agent.sees('button', /^running [1-9]\d?\/\d+$/);
    await agent.seesIssue();
    await screenshot(agent.page, 'button-running');
    await agent.seesNo('button', /running|Escalate/);
    const [issue, ...more] = await issuesOf(101);
    expect(more).toEqual([]);
    const link = await agent.seesIssue(`acme/appliance#${issue!.iid}`);
    expect(await agent.linkOf(link)).toBe(issue!.web_url);
    await agent.sees('StaticText', 'opened');
    await agent.press('button', /1 warning/);
    await agent.sees('dialog', 'Done, with warnings');
    await agent.sees('StaticText', /empty.txt was not copied/);
    await agent.press('button', 'Close');
    await screenshot(agent.page, 'button-done');
    expect(presses().map(each => JSON.parse(each.body))).toEqual([{ ticket_id: 101 }]);
  });

  it('may be taken back', async () => {
    const ticket = stage.ticket();
    const agent = await stage.open(`/a/tickets/${ticket}`);
    await agent.press('button', ESCALATE);
    await agent.press('button', 'Cancel');
    await agent.seesNo('dialog', /./);
    expect(await ours(agent.page, 'dialog')).toBe(0);
    expect(presses()).toEqual([]);
    await agent.sees('button', ESCALATE);
  });

  it('of two people in two tabs at once makes one issue, which both see', async () => {
    const ticket = stage.ticket();
    const [ada, grace] = [await stage.open(`/a/tickets/${ticket}`), await stage.open(`/a/tickets/${ticket}`)];
    for (const agent of [grace, ada]) {
      await agent.page.bringToFront();
      await agent.press('button', ESCALATE);
    }
    await ada.press('button', 'Escalate');
    await grace.page.bringToFront();
    await grace.press('button', 'Escalate');
    await grace.seesIssue();
    await ada.page.bringToFront();
    await ada.seesIssue();
    await stage.escalation.ended(ticket);
    expect(presses()).toHaveLength(2);
    expect(await issuesOf(ticket)).toHaveLength(1);
  });

  it('is only sent once by a nervous finger', async () => {
    const ticket = stage.ticket();
    const agent = await stage.open(`/a/tickets/${ticket}`);
    await agent.press('button', ESCALATE);
    await agent.press('button', 'Escalate', { clickCount: 3 });
    await agent.seesIssue();
    expect(presses()).toHaveLength(1);
  });

  it('can ask that later messages follow', async () => {
    const ticket = stage.ticket();
    const agent = await stage.open(`/a/tickets/${ticket}`);
    await agent.press('button', ESCALATE);
    await agent.press('checkbox', 'Add later messages as well');
    await agent.press('button', 'Escalate');
    await agent.seesIssue();
    expect(JSON.parse(presses()[0]!.body)).toEqual({ ticket_id: ticket, follow: true });
  });

  it('can join the ticket to an issue that is there', async () => {
    const ticket = stage.ticket();
    const agent = await stage.open(`/a/tickets/${ticket}`);
    await agent.press('button', ESCALATE);
    await agent.press('DisclosureTriangle', 'It belongs to an issue that is there already');
    await agent.press('textbox', 'Address of the issue, or group/project#3');
    await agent.page.keyboard.type('acme/appliance#1');
    await agent.page.keyboard.press('Enter');
    await agent.seesIssue('acme/appliance#1');
    expect(await issuesOf(ticket)).toHaveLength(0);
  });

  it('that no person made is none', async () => {
    const ticket = stage.ticket();
    const agent = await stage.open(`/a/tickets/${ticket}`);
    await agent.sees('button', ESCALATE);
    const reached = await agent.page.evaluate(`(() => {
      const part = document.querySelector('signalbox-part');
      part.click();
      part.dispatchEvent(new MouseEvent('click', { bubbles: true, composed: true }));
      return [part.shadowRoot, part.textContent, part.innerHTML];
    })()`);
    expect(reached).toEqual([null, '', '']);
    await agent.press('button', 'Add note');
    await agent.seesNo('dialog', /./);
    expect(await ours(agent.page, 'dialog')).toBe(0);
  });
});

describe('on a page that changes under it', () => {
  it('goes from ticket to ticket with nodes that stay, and shows what belongs to the address', async () => {
    const { iid } = await escalated(102);
    const agent = await stage.open('/a/tickets/102');
    await agent.seesIssue(`acme/appliance#${iid}`);
    await agent.press('link', 'Next');
    await agent.page.waitForURL('**/a/tickets/106');
    await agent.sees('button', ESCALATE);
    await agent.seesNoIssue();
    expect(await ours(agent.page, 'button')).toBe(1);
    await agent.page.goBack();
    await agent.seesIssue(`acme/appliance#${iid}`);
    await agent.seesNo('button', ESCALATE);
    expect(await ours(agent.page, 'button')).toBe(1);
  });

  it('gives an answer that comes late to nobody', async () => {
    await escalated(102);
    const late = Promise.withResolvers<void>();
    stage.relay.hold = ({ path }) => (path === '/v1/tickets/102' ? late.promise : undefined);
    const agent = await stage.open('/a/tickets/102');
    await vi.waitFor(() => expect(stage.relay.requests.map(each => each.path)).toContain('/v1/tickets/102'), PATIENCE);
    await agent.press('link', 'Next');
    await agent.sees('button', ESCALATE);
    late.resolve();
    await agent.press('button', ESCALATE);
    await agent.sees('dialog', 'Escalate ticket 106 to GitLab?');
    await agent.seesNoIssue();
  });

  it('closes its question when the ticket changes', async () => {
    const agent = await stage.open('/a/tickets/106');
    await agent.press('button', ESCALATE);
    await agent.sees('dialog', 'Escalate ticket 106 to GitLab?');
    await agent.page.evaluate("document.querySelector('.previous').click()");
    await agent.seesNo('dialog', /./);
    expect(presses()).toEqual([]);
  });

  it('stands there once however often the toolbar is made anew', async () => {
    const ticket = stage.ticket();
    const agent = await stage.open(`/a/tickets/${ticket}`);
    for (let time = 0; time < 3; time++) {
      await agent.sees('button', ESCALATE);
      await agent.press('button', 'Refresh');
    }
    await agent.sees('button', ESCALATE);
    expect(await ours(agent.page, 'button')).toBe(1);
    expect(await agent.page.locator('.page-actions__left > signalbox-part').count()).toBe(1);
  });

  it('starts anywhere, comes with the first ticket, and goes with the last', async () => {
    const ticket = stage.ticket();
    const agent = await stage.open('/a/dashboard');
    await agent.press('link', 'Tickets');
    await agent.page.locator(`a.ticket-subject[href="/a/tickets/${ticket}"]`).click();
    await agent.sees('button', ESCALATE);
    await agent.press('link', 'All tickets');
    await agent.seesNo('button', ESCALATE);
    expect(await ours(agent.page, 'button')).toBe(0);
  });

  it('is in no frame', async () => {
    const agent = await stage.open(`/a/tickets/${stage.ticket()}`);
    await agent.sees('button', ESCALATE);
    const frames = agent.page.frames();
    expect(frames.length).toBe(2);
    for (const frame of frames.slice(1)) expect(await frame.locator('signalbox-part').count()).toBe(0);
  });

  it('floats where there is no toolbar', async () => {
    const ticket = stage.ticket();
    const agent = await stage.open(`/a/tickets/${ticket}`, withoutToolbar);
    await agent.sees('button', ESCALATE);
    expect(await agent.page.locator('body > signalbox-part[data-floating]').count()).toBe(1);
    await screenshot(agent.page, 'button-floating');
    await escalate(agent);
    await agent.seesIssue();
  });

  it('is dark on a dark page', async () => {
    const ticket = stage.ticket();
    const agent = await stage.open(`/a/tickets/${ticket}`);
    await agent.sees('button', ESCALATE);
    await agent.page.evaluate("document.querySelector('.page-actions').style.background = 'rgb(18, 24, 32)'");
    await agent.page.waitForSelector('signalbox-part[data-dark]', { state: 'attached' });
    await agent.press('button', ESCALATE);
    await agent.sees('DisclosureTriangle', 'The description, as it will be');
    await agent.page.waitForSelector('signalbox-part[data-part=dialog][data-dark]', { state: 'attached' });
    await screenshot(agent.page, 'button-dark');
  });

  it('leaves the place to a newer instance of itself, and takes it from an older one', async () => {
    const agent = await stage.open(`/a/tickets/${stage.ticket()}`);
    await agent.sees('button', ESCALATE);
    const put = (instance: string) =>
      agent.page.evaluate(`{
        const part = document.createElement('signalbox-part');
        part.dataset.signalbox = '${instance}';
        document.body.append(part);
      }`);
    await put('000000000-older');
    await vi.waitFor(async () => expect(await agent.page.locator('signalbox-part').count()).toBe(1), PATIENCE);
    await agent.sees('button', ESCALATE);
    await put('zzzzzzzzz-newer');
    await agent.seesNo('button', ESCALATE);
    expect(await ours(agent.page, 'button')).toBe(0);
  });
});

describe('in lists', () => {
  it('marks the tickets that are escalated, and only those, with what the issue is', async () => {
    const [open, closed, other] = [stage.ticket(), stage.ticket(), stage.ticket()];
    const [first, second] = [await escalated(open), await escalated(closed)];
    const agent = await stage.open('/a/tickets');
    const badge = await agent.sees('link', `Escalated: acme/appliance#${first.iid}, opened`);
    expect(await agent.linkOf(badge)).toBe(first.web_url);
    await agent.sees('link', `Escalated: acme/appliance#${second.iid}, opened`);
    expect(await agent.page.locator(`a[href="/a/tickets/${other}"] + signalbox-part`).count()).toBe(0);
    expect(await agent.page.locator(`a[href="/a/tickets/${open}"] + signalbox-part`).count()).toBe(1);
    await agent.page.locator(`a[href="/a/tickets/${open}"]`).scrollIntoViewIfNeeded();
    await screenshot(agent.page, 'list-badges');
    await agent.page.locator(`a.ticket-subject[href="/a/tickets/${open}"]`).click();
    await agent.seesIssue(`acme/appliance#${first.iid}`);
    expect(await ours(agent.page, 'badge')).toBe(0);
    await agent.page.goBack();
    await agent.sees('link', `Escalated: acme/appliance#${first.iid}, opened`);
  });
});

describe('without a token, or with a wrong one', () => {
  it('says what to do when it is pressed, takes the token from the browser’s own prompt, and goes on', async () => {
    await stage.managed.write('token', '');
    const agent = await stage.open(`/a/tickets/${stage.ticket()}`);
    await agent.press('button', ESCALATE);
    await agent.sees('dialog', 'Signalbox needs your token');
    await agent.sees('StaticText', /Ask whoever runs Signalbox for a token of your own/);
    await screenshot(agent.page, 'button-token');
    agent.page.once('dialog', dialog => void dialog.accept('not-the-token'));
    await agent.press('button', 'Enter the token …');
    await agent.press('button', ESCALATE);
    await agent.sees('StaticText', /does not know the token that is set/);
    await agent.press('button', 'Close');
    agent.page.once('dialog', dialog => void dialog.accept(` ${AGENT_TOKEN} `));
    await stage.managed.menu(agent.page, 'Set the token …');
    await vi.waitFor(async () => expect(await stage.managed.values()).toEqual({ token: AGENT_TOKEN }), PATIENCE);
    await escalate(agent);
    await agent.seesIssue();
  });

  it('leaves lists as they are', async () => {
    await stage.managed.write('token', 'withdrawn');
    const agent = await stage.open('/a/tickets');
    await vi.waitFor(() => expect(stage.relay.requests.length).toBeGreaterThan(0), PATIENCE);
    await agent.page.locator('a.ticket-subject').first().waitFor();
    expect(await ours(agent.page, 'badge')).toBe(0);
    expect(await ours(agent.page, 'dialog')).toBe(0);
  });
});

describe('when the service does not answer', () => {
  for (const weather of ['cut', 'proxy_error'] as const) {
    it(`is silent (${weather}), says so when it is pressed, and goes on when the service is back`, async () => {
      stage.relay.weather = weather;
      const ticket = stage.ticket();
      const agent = await stage.open(`/a/tickets/${ticket}`);
      await agent.sees('button', ESCALATE);
      expect((await agent.sees('button', ESCALATE)).description).toBe('Signalbox does not answer at the moment');
      expect(await ours(agent.page, 'dialog')).toBe(0);
      await agent.press('button', ESCALATE);
      await agent.sees('StaticText', 'There is no preview at the moment.');
      await agent.press('button', 'Escalate');
      await agent.sees('dialog', 'Signalbox does not answer');
      await agent.press('button', 'Close');
      expect(await issuesOf(ticket)).toEqual([]);
      stage.relay.weather = 'fine';
      await escalate(agent);
      await agent.seesIssue();
    });
  }

  it('leaves lists as they are', async () => {
    stage.relay.weather = 'cut';
    const agent = await stage.open('/a/tickets');
    await vi.waitFor(() => expect(stage.relay.requests.length).toBeGreaterThan(0), PATIENCE);
    await agent.page.locator('a.ticket-subject').first().waitFor();
    expect(await ours(agent.page, 'badge')).toBe(0);
  });
});

describe('what others wrote', () => {
  it('stays text: subjects, labels, warnings, addresses', async () => {
    const ticket = stage.ticket();
    const hostile = '<img src=x onerror="document.title=\'hacked\'"><b>bold</b>';
    await stage.escalation.freshdesk('PUT', `/tickets/${ticket}`, { subject: hostile });
    const agent = await stage.open(`/a/tickets/${ticket}`);
    await agent.press('button', ESCALATE);
    await agent.sees('DisclosureTriangle', 'The description, as it will be');
    expect(await agent.all('StaticText', /^<img src=x onerror/)).not.toEqual([]);
    await agent.press('button', 'Escalate');
    await agent.seesIssue();
    await stage.escalation.ended(ticket);
    stage.relay.rewrite = ({ path }, body) =>
      path === `/v1/tickets/${ticket}`
        ? {
            ...(body as object),
            state: 'done_with_warnings',
            warnings: [hostile],
            issue: {
              ...(body as { issue: object }).issue,
              url: 'javascript:alert(1)',
              labels: [hostile, 'two', 'x', 'y'],
            },
          }
        : body;
    await agent.page.reload();
    await agent.sees('StaticText', hostile);
    await agent.sees('StaticText', '+1');
    const links = await Promise.all((await agent.all('link')).map(each => agent.linkOf(each)));
    expect(links.filter(each => !each.startsWith('http'))).toEqual([]);
    await agent.press('button', /1 warning/);
    await agent.sees('dialog', 'Done, with warnings');
    expect(await agent.all('StaticText', hostile)).not.toEqual([]);
    expect(await agent.page.title()).not.toBe('hacked');
    expect(await agent.page.locator('img[src="x"]').count()).toBe(0);
  });

  it('of another shape than expected does no harm', async () => {
    for (const answer of [
      null,
      [],
      'text',
      7,
      { state: 'unheard of' },
      { state: 'done', issue: { iid: 'x' }, warnings: 5 },
    ]) {
      stage.relay.rewrite = ({ path }, body) => (path.startsWith('/v1/tickets/') ? answer : body);
      const agent = await stage.open(`/a/tickets/${stage.ticket()}`);
      await vi.waitFor(() => expect(stage.relay.requests.length).toBeGreaterThan(0), PATIENCE);
      await agent.sees('button', ESCALATE);
      await stage.tidy();
    }
  });
});

describe('a failed escalation', () => {
  it('says why, and can be tried again', async () => {
    const ticket = stage.ticket();
    const failed = {
      id: String(ticket),
      ticket_id: ticket,
      state: 'failed',
      progress: null,
      issue: null,
      warnings: [],
      error: { code: 'SBX_REMOTE_REFUSED', detail: 'GitLab says 403: insufficient permissions' },
    };
    stage.relay.rewrite = ({ path }, body) => (path === `/v1/tickets/${ticket}` ? failed : body);
    const agent = await stage.open(`/a/tickets/${ticket}`);
    await agent.press('button', 'Escalation failed');
    await agent.sees('StaticText', /insufficient permissions/);
    stage.relay.rewrite = (_request, body) => body;
    await agent.press('button', 'Try again');
    await agent.seesIssue();
  });
});

describe('with the keyboard', () => {
  it('opens, stays inside, closes, and gives the focus back; letters are no shortcuts of the page', async () => {
    const ticket = stage.ticket();
    const agent = await stage.open(`/a/tickets/${ticket}`);
    await agent.page.evaluate("{ window.keys = []; addEventListener('keydown', event => keys.push(event.key)); }");
    await agent.sees('button', ESCALATE);
    await agent.page.locator('[data-test-id=Forward]').focus();
    await agent.page.keyboard.press('Tab');
    expect((await agent.sees('button', ESCALATE)).focused).toBe(true);
    await agent.page.keyboard.press('Enter');
    await agent.sees('dialog', `Escalate ticket ${ticket} to GitLab?`);
    expect((await agent.sees('button', 'Escalate')).focused).toBe(true);
    await agent.page.keyboard.type('rnx');
    for (let step = 0; step < 12; step++) await agent.page.keyboard.press('Tab');
    expect(
      await agent.page.evaluate('document.activeElement?.dataset.part ?? document.activeElement?.tagName'),
    ).toMatch(/^dialog|BODY$/);
    await agent.page.keyboard.press('Escape');
    await agent.seesNo('dialog', /./);
    expect((await agent.sees('button', ESCALATE)).focused).toBe(true);
    expect(await agent.page.evaluate("keys.filter(key => /^[rnx]$/.test(key)).join('')")).toBe('');
    await agent.page.keyboard.press('Enter');
    await agent.sees('dialog', `Escalate ticket ${ticket} to GitLab?`);
    await agent.page.keyboard.press('Enter');
    await agent.seesIssue();
  });
});

describe('its requests', () => {
  it('carry the token and nothing of the page, and go to the service only', async () => {
    const agent = await stage.open(`/a/tickets/${stage.ticket()}`);
    await escalate(agent);
    await agent.seesIssue();
    const asked = stage.relay.requests.filter(each => each.path.startsWith('/v1/'));
    expect(asked.length).toBeGreaterThan(2);
    for (const { headers } of asked) {
      expect(headers.authorization).toMatch(/^Bearer /);
      expect(headers.cookie).toBeUndefined();
      expect(headers.referer).toBeUndefined();
      expect(headers.origin ?? '').not.toMatch(/^http/);
    }
    const token = await stage.managed.values();
    expect(await agent.page.evaluate('JSON.stringify([localStorage, sessionStorage, document.cookie])')).not.toContain(
      token['token'],
    );
  });
});
