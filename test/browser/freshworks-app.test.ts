import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { AGENT_TOKEN, type EscalationStage, setEscalationStage } from '../e2e/escalation-stage.ts';
import { errorsOf, launchBrowser, type TestBrowser } from '../support/browser.ts';

const APP = fileURLToPath(new URL('../../examples/freshworks-app/', import.meta.url));
const read = (path: string) => readFile(`${APP}${path}`, 'utf8');

/** Platform 3.0, as far as the app uses it, from Freshworks' documentation. */
const manifest = z.strictObject({
  'platform-version': z.literal('3.0'),
  modules: z.strictObject({
    common: z.strictObject({ requests: z.record(z.string(), z.strictObject({})) }),
    support_ticket: z.strictObject({
      location: z.strictObject({ ticket_sidebar: z.strictObject({ url: z.string(), icon: z.string() }) }),
    }),
  }),
  engines: z.strictObject({ node: z.string().regex(/^\d+\.\d+\.\d+$/), fdk: z.string().regex(/^\d+\.\d+\.\d+$/) }),
});

const requests = z.record(
  z.string(),
  z.strictObject({
    schema: z.strictObject({
      method: z.enum(['GET', 'POST']),
      protocol: z.literal('https'),
      /** A name without path: here always what the installation says. */
      host: z.literal('<%= iparam.host %>'),
      path: z.string().startsWith('/v1/'),
      headers: z.record(z.string(), z.string()),
    }),
  }),
);
type Templates = z.output<typeof requests>;

const iparams = z.record(
  z.string(),
  z.strictObject({
    display_name: z.string(),
    description: z.string(),
    type: z.literal('text'),
    required: z.literal(true),
    secure: z.literal(true).optional(),
  }),
);

describe('the files of the app', () => {
  it('are what platform 3.0 wants, and fit each other', async () => {
    const { modules } = manifest.parse(JSON.parse(await read('manifest.json')));
    const templates = requests.parse(JSON.parse(await read('config/requests.json')));
    const parameters = iparams.parse(JSON.parse(await read('config/iparams.json')));
    const script = await read('app/scripts/app.js');
    const called = [...script.matchAll(/call\('(\w+)'/g)].map(match => match[1]!);
    const declared = Object.keys(modules.common.requests).toSorted();
    expect(Object.keys(templates).toSorted()).toEqual(declared);
    expect([...new Set(called)].toSorted()).toEqual(declared);
    const used = [...JSON.stringify(templates).matchAll(/<%= iparam\.(\w+) %>/g)].map(match => match[1]!);
    expect([...new Set(used)].toSorted()).toEqual(Object.keys(parameters).toSorted());
    expect(parameters['token']?.secure).toBe(true);
    for (const { schema } of Object.values(templates))
      expect(schema.headers['Authorization']).toBe('Bearer <%= iparam.token %>');
    const { url, icon } = modules.support_ticket.location.ticket_sidebar;
    expect(await read(`app/${url}`)).toContain('<script src="{{{appclient}}}"></script>');
    expect(await read(`app/${icon}`)).toMatch(/^<svg /);
  });
});

describe('the app in a ticket', () => {
  let stage: EscalationStage;
  let browser: TestBrowser;
  beforeAll(async () => {
    stage = await setEscalationStage();
    browser = await launchBrowser({ viewport: { width: 320, height: 480 } });
  });
  afterAll(async () => {
    await browser?.close();
    await stage?.close();
  });

  it('asks, escalates, and shows the issue', async () => {
    const page = await inSidebar(101);
    await page.getByRole('button', { name: 'Escalate to GitLab' }).click();
    await page.getByText('Escalate this ticket to GitLab?').waitFor();
    await page.getByText('4 messages, 7 files').waitFor();
    expect(await stage.issues()).toEqual([]);
    await page.getByRole('button', { name: 'Escalate', exact: true }).click();
    await page.getByText('empty.txt was not copied').waitFor();
    const [issue, ...more] = await stage.issues();
    expect(more).toEqual([]);
    expect(await page.getByRole('link').getAttribute('href')).toBe(issue!.web_url);
    expect(
      await page
        .getByRole('button')
        .all()
        .then(all => Promise.all(all.map(each => each.isVisible()))),
    ).not.toContain(true);
  });

  it('says what the service says when it refuses', async () => {
    const page = await inSidebar(101, 'not-the-token');
    await page.getByText(/token/).first().waitFor();
    await page.getByRole('button', { name: 'Escalate to GitLab' }).waitFor();
  });

  /** The page as Freshdesk shows it: its client put in, its requests made elsewhere from the templates. */
  async function inSidebar(ticket: number, token = AGENT_TOKEN): Promise<Page> {
    const templates = requests.parse(JSON.parse(await read('config/requests.json')));
    const page = await browser.page();
    const errors = errorsOf(page);
    await page.exposeFunction('invoke', (name: string, options: InvokeOptions) =>
      invokeTemplate(templates, name, options, { token, service: stage.service().url }),
    );
    await page.route('https://app.freshworks.test/**', async route => {
      const path = new URL(route.request().url()).pathname;
      if (path === '/client.js') return route.fulfill({ contentType: 'text/javascript', body: clientOf(ticket) });
      if (path === '/favicon.ico') return route.fulfill({ status: 204 });
      const body = (await read(`app${path}`)).replace('{{{appclient}}}', '/client.js');
      const type =
        { html: 'text/html', js: 'text/javascript', css: 'text/css' }[path.split('.').pop()!] ?? 'text/plain';
      return route.fulfill({ contentType: type, body });
    });
    await page.goto('https://app.freshworks.test/index.html');
    expect(errors).toEqual([]);
    return page;
  }
});

interface InvokeOptions {
  context?: Record<string, string>;
  body?: string;
}

/** What Freshworks' servers do with a template; https becomes http for the service at hand. */
async function invokeTemplate(
  templates: Templates,
  name: string,
  { context = {}, body }: InvokeOptions,
  { token, service }: { token: string; service: string },
): Promise<{ status: number; response: string }> {
  const { method, path, headers } = templates[name]!.schema;
  const fill = (text: string) =>
    text.replaceAll(/<%= (iparam|context)\.(\w+) %>/g, (_all, from: string, key: string) =>
      from === 'iparam' ? { token, host: new URL(service).host }[key]! : encodeURIComponent(context[key]!),
    );
  const filled = Object.fromEntries(Object.entries(headers).map(([key, value]) => [key, fill(value)]));
  const answer = await fetch(`${service}${fill(path)}`, { method, headers: filled, ...(body && { body }) });
  return { status: answer.status, response: await answer.text() };
}

/** Freshworks' client, as far as the app uses it: answers of 4xx and 5xx are rejections. */
function clientOf(ticket: number): string {
  return `window.app = { initialized: async () => ({
    events: { on: (name, run) => name === 'app.activated' && setTimeout(run) },
    data: { get: async () => ({ ticket: { id: ${ticket} } }) },
    request: { invokeTemplate: async (name, options) => {
      const answer = await invoke(name, options);
      if (answer.status >= 400) throw answer;
      return answer;
    } },
  }) };`;
}
