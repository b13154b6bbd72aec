import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../src/config/load-config.ts';
import { AUTOMATIONS } from '../../src/config/schema.ts';
import { type Service, startService } from '../../src/service/compose.ts';

/** A service with every automation, so that every route is there, and nobody behind it: GitLab and Freshdesk do not answer. */
export interface WholeService {
  service: Service;
  directory: string;
  /** Everything logged so far. */
  log: readonly string[];
  close(): Promise<void>;
}

/** What is shown at its doors: the holder's name stands in the file's, and `the-<name>` is what is shown. */
const HOLDERS = ['token', 'hook', 'box', 'ci', 'dash', 'desk', 'agent', 'viewer', 'operator'] as const;
export const shownBy = (holder: (typeof HOLDERS)[number]): string => `the-${holder}`;

const SECTIONS: Record<(typeof AUTOMATIONS)[number], string> = {
  version_check: '{ projects: { acme/appliance: { version: [ { file: VERSION } ] } } }',
  board:
    '{ projects: { acme/appliance: { columns: [To Do, In Review, To Test], opened: In Review, merged: To Test } } }',
  races: '{ project: acme/appliance, label: race condition, sources: [ { name: box-1, token: { file: box } } ] }',
  releases:
    '{ products: { appliance: { script: /bin/true, credentials: [ { name: ci, secret: { file: ci } } ], environments: [production] } } }',
  escalation: '{ project: acme/appliance, agents: [ { name: Ada, token: { file: agent } } ] }',
  library_tags: '{ projects: [acme/lib-*], keyless: {} }',
};

export async function startWholeService(): Promise<WholeService> {
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-doors-'));
  for (const name of HOLDERS) await writeFile(join(directory, name), shownBy(name));
  const file = join(directory, 'signalbox.yaml');
  const tokens = ['viewer', 'operator'].map(role => `{ name: ${role}, role: ${role}, token: { file: ${role} } }`);
  const lines = [
    `service: { listen: "127.0.0.1:0", data_dir: ${directory}/data, dashboard: { token: { file: dash } }, api_tokens: [ ${tokens.join(', ')} ] }`,
    'gitlab: { url: "http://127.0.0.1:9", token: { file: token }, webhook: { secret_tokens: [ { file: hook } ] } }',
    'freshdesk: { url: "http://127.0.0.1:9", api_key: { file: desk }, webhook_secret: { file: hook } }',
    'lines: [ { name: "5.5", branch: main } ]',
    ...AUTOMATIONS.map(name => `${name}: ${SECTIONS[name]}`),
  ];
  await writeFile(file, `${lines.join('\n')}\n`);
  const { settings } = await loadConfig(file, { environment: {} });
  const log: string[] = [];
  const service = await startService({ settings, environment: {}, writeLog: line => void log.push(line) });
  return {
    service,
    directory,
    log,
    close: async () => {
      await service.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** What a route wants to see before it looks at who sends it. */
const SHAPES: readonly { path: RegExp; headers: Record<string, string>; body?: string }[] = [
  { path: /^\/v1\/uploads/, headers: { 'tus-resumable': '1.0.0', 'content-type': 'application/offset+octet-stream' } },
  {
    path: /^\/v1\/releases\/:product$/,
    headers: { 'content-type': 'multipart/form-data; boundary=b' },
    body: '--b\r\nContent-Disposition: form-data; name="md5"\r\n\r\nd41d8cd98f00b204e9800998ecf8427e\r\n--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\nx\r\n--b--\r\n',
  },
];

/** A request that fits the route but for who sends it. */
export async function knock(
  url: string,
  method: string,
  path: string,
  headers: Record<string, string>,
): Promise<Response> {
  const address = path.replace('/*', '/x').replace(/:[A-Za-z]+\??/g, 'appliance');
  const shape = SHAPES.find(each => each.path.test(path));
  const sends = method !== 'GET' && method !== 'HEAD' && method !== 'DELETE';
  const ended = path === '/v1/events' ? { signal: AbortSignal.timeout(2000) } : {};
  return fetch(`${url}${address}`, {
    method,
    redirect: 'manual',
    ...ended,
    headers: { ...(sends && { 'content-type': 'application/json' }), ...shape?.headers, ...headers },
    ...(sends && { body: shape?.body ?? '{}' }),
  });
}
