import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { loadConfig } from '../../config/load-config.ts';
import { startSandbox } from '../../sandbox/start-sandbox.ts';
import { type Service, startService } from '../../service/compose.ts';

/** A sandbox and a service in front of it, wired with a webhook as a user would do it. */
export interface Stage {
  gitlabUrl: string;
  service: Service;
  /** Calls the sandbox's GitLab as one of its people. */
  as(user: 'maintainer' | 'developer' | 'admin', method: string, path: string, body?: unknown): Promise<GitLabAnswer>;
  close(): Promise<void>;
}

export interface GitLabAnswer {
  status: number;
  // The demo looks at single fields of answers that GitLab's own schemas describe.
  body: unknown;
}

/** Starts everything in a temporary directory; nothing outside it is touched. */
export async function setStage(options: { port: number }): Promise<Stage> {
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-demo-'));
  const sandbox = await startSandbox();
  const secret = randomBytes(24).toString('base64url');
  const files = { token: 'glpat-sandbox-bot', ops: 'glpat-sandbox-admin', hook: secret };
  for (const [name, value] of Object.entries(files)) await writeFile(join(directory, name), value, { mode: 0o600 });
  const configFile = join(directory, 'signalbox.yaml');
  await writeFile(configFile, configText({ directory, gitlabUrl: sandbox.gitlab.url, port: options.port }));
  const { settings } = await loadConfig(configFile, { environment: {} });
  const service = await startService({ settings, environment: {}, logLevel: 'error' });

  const as: Stage['as'] = async (user, method, path, body) => {
    const answer = await request(`${sandbox.gitlab.url}/api/v4${path}`, {
      method: method as 'GET',
      headers: { 'private-token': `glpat-sandbox-${user}`, 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await answer.body.text();
    return { status: answer.statusCode, body: text === '' ? null : JSON.parse(text) };
  };
  await as('admin', 'POST', '/projects/acme%2Fappliance/hooks', {
    url: `${service.url}/hooks/gitlab`,
    token: secret,
    merge_requests_events: true,
    push_events: true,
    note_events: true,
    issues_events: true,
  });
  return {
    gitlabUrl: sandbox.gitlab.url,
    service,
    as,
    close: async () => {
      await service.stop();
      await sandbox.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function configText({ directory, gitlabUrl, port }: { directory: string; gitlabUrl: string; port: number }): string {
  return `service:
  listen: 127.0.0.1:${port}
  data_dir: ${directory}/data
gitlab:
  url: ${gitlabUrl}
  token: { file: ${directory}/token }
  ops_token: { file: ${directory}/ops }
  webhook:
    secret_tokens: [ { file: ${directory}/hook } ]
lines:
  - { name: "5.5", branch: main }
  - { name: "5.4", branch: release/5.4 }
  - { name: "5.3", branch: release/5.3 }
version_check:
  projects:
    acme/appliance:
      version: [ { file: VERSION } ]
`;
}
