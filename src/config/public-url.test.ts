import { expect, it } from 'vitest';
import { gitlabHookUrl } from './public-url.ts';
import { settingsSchema } from './schema.ts';

it.each([
  [{ public_url: 'https://signalbox.example.com/' }, 'https://signalbox.example.com/hooks/gitlab'],
  [{ listen: '127.0.0.1:8090' }, 'http://127.0.0.1:8090/hooks/gitlab'],
  [{ listen: '[::1]:8090' }, 'http://[::1]:8090/hooks/gitlab'],
])('with %j, webhooks go to %s', (service, url) => {
  expect(gitlabHookUrl(settingsSchema.parse({ service }))).toBe(url);
});
