import { expect, it } from 'vitest';
import { SignalboxError } from '../errors.ts';
import { loadConfig } from './load-config.ts';

const load = (dashboard: string, more = '') =>
  loadConfig('signalbox.yaml', {
    environment: {},
    readFile: async () => `service: { dashboard: ${dashboard} }\n${more}`,
  });
const faultsOf = async (dashboard: string, more = '') => {
  const error = await load(dashboard, more).catch((each: unknown) => each);
  if (!(error instanceof SignalboxError)) throw new Error('no fault was found');
  return error.faults.map(({ message }) => message).join('\n');
};
const GITLAB =
  'gitlab: { url: https://gitlab.example.com, token: { env: T }, webhook: { secret_tokens: [ { env: H } ] } }\n';
const oauth = (rest: string) => `{ gitlab_oauth: { application_id: abc, secret: { env: S }, ${rest} } }`;

it('takes a token, GitLab, or both; Developers are operators unless told', async () => {
  const { settings } = await load(oauth('allowed_groups: [acme, acme/tools]'), GITLAB);
  expect(settings.service.dashboard?.gitlab_oauth).toMatchObject({ operator_role: 'developer' });
  const both = `{ token: { env: T }, ${oauth('allowed_groups: [acme], operator_groups: []').slice(2)}`;
  expect((await load(both, GITLAB)).settings.service.dashboard).toMatchObject({ token: {}, gitlab_oauth: {} });
});

it.each([
  ['{}', 'must have a token, gitlab_oauth, or both'],
  [oauth('allowed_groups: []'), 'must name at least one group'],
  [oauth('operator_role: owner'), 'allowed_groups is missing'],
  [oauth('allowed_groups: ["https://gitlab.example.com/acme"]'), 'must be a group path'],
  [oauth('allowed_groups: [acme], operator_role: guest'), 'must be one of developer, maintainer, owner'],
  ['{ gitlab_oauth: { application_id: 17, secret: { env: S }, allowed_groups: [acme] } }', 'Application ID'],
  [
    '{ gitlab_oauth: { application_id: a, secret: plain, allowed_groups: [acme] } }',
    'must not stand here in plain text',
  ],
])('refuses %s', async (dashboard, message) => {
  expect(await faultsOf(dashboard, GITLAB)).toContain(message);
});

it.each([
  ['[loopback, 10.0.0.0/8, 192.0.2.1, "fd00::/8"]', ''],
  ['[proxy.example.com]', 'must be an address'],
  ['[10.0.0.0/33]', 'must be an address'],
  ['[10.0.0.0/]', 'must be an address'],
  ['[true]', 'must be an address'],
])('trusts the proxies %s', async (proxies, fault) => {
  const readFile = async () => `service: { trusted_proxies: ${proxies} }\n`;
  const error = await loadConfig('signalbox.yaml', { environment: {}, readFile }).catch((each: unknown) => each);
  const faults = error instanceof SignalboxError ? error.faults.map(({ message }) => message).join() : '';
  if (fault === '') expect(faults).toBe('');
  else expect(faults).toContain(fault);
});

it('needs to know which GitLab', async () => {
  expect(await faultsOf(oauth('allowed_groups: [acme]'))).toContain('needs the section gitlab, or an url of its own');
  const own = oauth('allowed_groups: [acme], url: https://gitlab.example.com');
  expect((await load(own)).settings.service.dashboard?.gitlab_oauth?.url).toBe('https://gitlab.example.com');
});
