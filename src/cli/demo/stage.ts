import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { loadConfig } from '../../config/load-config.ts';
import { startSandbox } from '../../sandbox/start-sandbox.ts';
import { startService } from '../../service/compose.ts';
import type { Chapter, GitLabAnswer, Stage } from './chapter.ts';

/** As in production, but for the time between two looks at the same thing: whoever watches does not want to wait. */
const PACE = { spacing: 300 };

/** Starts everything in a temporary directory; nothing outside it is touched. */
export async function setStage(options: StageOptions): Promise<Stage> {
  const closers: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const each of closers.toReversed()) await each();
  };
  try {
    return await build(options, closers, close);
  } catch (error) {
    // The sandbox would keep this process alive.
    await close();
    throw error;
  }
}

interface StageOptions {
  port: number;
  chapters: readonly Chapter[];
}

async function build(
  options: StageOptions,
  closers: (() => Promise<unknown>)[],
  close: () => Promise<void>,
): Promise<Stage> {
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-demo-'));
  closers.push(() => rm(directory, { recursive: true, force: true }));
  const sandbox = await startSandbox();
  closers.push(() => sandbox.close());
  const secret = randomBytes(24).toString('base64url');
  const files = { token: 'glpat-sandbox-bot', ops: 'glpat-sandbox-admin', hook: secret, freshdesk: 'sandbox' };
  for (const [name, value] of Object.entries(files)) await writeFile(join(directory, name), value, { mode: 0o600 });
  const sections = await Promise.all(options.chapters.map(async chapter => chapter.settings(directory)));
  const configFile = join(directory, 'signalbox.yaml');
  const urls = { gitlabUrl: sandbox.gitlab.url, freshdeskUrl: sandbox.freshdesk.url };
  const common = commonSettings({ directory, ...urls, port: options.port || (await freePort()) });
  await writeFile(configFile, [common, ...sections].join(''));
  const { settings } = await loadConfig(configFile, { environment: {} });
  const service = await startService({ settings, environment: {}, logLevel: 'error', pace: PACE });
  closers.push(() => service.stop());

  const send = async (method: string, path: string, token: string, body?: unknown): Promise<GitLabAnswer> => {
    const answer = await request(`${sandbox.gitlab.url}${path}`, {
      method: method as 'GET',
      headers: { 'private-token': token, 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await answer.body.text();
    return { status: answer.statusCode, body: text === '' ? null : JSON.parse(text) };
  };
  const as: Stage['as'] = (user, method, path, body) => send(method, `/api/v4${path}`, `glpat-sandbox-${user}`, body);
  for (const [project, events] of webhooks(options.chapters)) {
    await as('admin', 'POST', `/projects/${encodeURIComponent(project)}/hooks`, {
      url: `${service.url}/hooks/gitlab`,
      token: secret,
      push_events: false,
      ...Object.fromEntries([...events].map(event => [event, true])),
    });
  }
  // Looked at before there were any.
  await service.engine.signal(
    [...webhooks(options.chapters).keys()].map(project => ({ key: `webhooks:${project}`, reason: 'they were added' })),
  );
  return {
    ...urls,
    service,
    directory,
    as,
    freshdesk: async (method, path, body) => {
      const answer = await request(`${sandbox.freshdesk.url}/api/v2${path}`, {
        method: method as 'GET',
        headers: {
          authorization: `Basic ${Buffer.from('sandbox-ada:X').toString('base64')}`,
          'content-type': 'application/json',
        },
        body: body === undefined ? null : JSON.stringify(body),
      });
      return answer.body.json();
    },
    sent: async (method, path) => {
      const query = new URLSearchParams({ method, path });
      const { body } = await send('GET', `/_sandbox/requests?${query}`, '');
      const log = body as { headers: Record<string, string> }[];
      return log.filter(each => each.headers['user-agent'] === 'signalbox').length;
    },
    close,
  };
}

/** The service has to know its own address, to tell which webhooks are its own. */
async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** One webhook for each project, with the events of all chapters. */
function webhooks(chapters: readonly Chapter[]): Map<string, Set<string>> {
  const wanted = new Map<string, Set<string>>();
  for (const [project, events] of chapters.flatMap(({ hooks }) => Object.entries(hooks))) {
    wanted.set(project, new Set([...(wanted.get(project) ?? []), ...events]));
  }
  return wanted;
}

function commonSettings(options: { directory: string; gitlabUrl: string; freshdeskUrl: string; port: number }) {
  const { directory, gitlabUrl, freshdeskUrl, port } = options;
  return `service:
  listen: 127.0.0.1:${port}
  data_dir: ${directory}/data
gitlab:
  url: ${gitlabUrl}
  token: { file: ${directory}/token }
  ops_token: { file: ${directory}/ops }
  webhook:
    secret_tokens: [ { file: ${directory}/hook } ]
freshdesk:
  url: ${freshdeskUrl}
  api_key: { file: ${directory}/freshdesk }
lines:
  - { name: "5.5", branch: main }
  - { name: "5.4", branch: release/5.4 }
  - { name: "5.3", branch: release/5.3 }
`;
}
