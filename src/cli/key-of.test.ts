import { expect, it } from 'vitest';
import { freshdeskSettings } from '../config/freshdesk.ts';
import { keyOf } from './key-of.ts';

const freshdesk = freshdeskSettings.parse({ domain: 'acme.freshdesk.com', api_key: { env: 'KEY' } });

it.each([
  ['acme/appliance!12', 'merge-request:acme/appliance!12'],
  ['merge-request:acme/appliance!12', 'merge-request:acme/appliance!12'],
  ['https://gitlab.example.com/acme/appliance/-/merge_requests/12', 'merge-request:acme/appliance!12'],
  ['acme/appliance#3', 'issue:acme/appliance#3'],
  ['https://gitlab.example.com/acme/appliance/-/work_items/3', 'issue:acme/appliance#3'],
  ['101', 'ticket:acme.freshdesk.com/101'],
  ['ticket:101', 'ticket:acme.freshdesk.com/101'],
  ['https://acme.freshdesk.com/a/tickets/101?note=1', 'ticket:acme.freshdesk.com/101'],
  ['ticket:acme.freshdesk.com/101', 'ticket:acme.freshdesk.com/101'],
  ['race-issue:acme/appliance#3', 'race-issue:acme/appliance#3'],
  ['release:appliance/5.4.1', 'release:appliance/5.4.1'],
  ['delivery:17', 'delivery:17'],
])('%s is %s', (text, key) => {
  expect(keyOf(text, { freshdesk })).toBe(key);
});

it('knows no ticket without a Freshdesk', () => {
  expect(keyOf('ticket:101', { freshdesk: undefined })).toBe('ticket:101');
});
