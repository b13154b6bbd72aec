import { describe, expect, it } from 'vitest';
import { loadConfig } from './load-config.ts';
import { requireWebhookSecret } from './schema.ts';

async function load(text: string) {
  return await loadConfig('signalbox.yaml', { environment: {}, readFile: async () => text });
}

const GITLAB = `gitlab:
  url: https://gitlab.example.com
  token: { env: GITLAB_TOKEN }
`;

describe('requireWebhookSecret', () => {
  it('asks for a secret only where GitLab is configured', async () => {
    const withSecret = GITLAB.trimEnd().concat('\n  webhook: { secret_tokens: [ { env: S } ] }\n');
    const withKey = GITLAB.trimEnd().concat('\n  webhook: { signing_tokens: [ { env: S } ] }\n');
    for (const text of ['service: {}\n', withSecret, withKey])
      expect(requireWebhookSecret((await load(text)).settings)).toBeUndefined();
    for (const text of [GITLAB, GITLAB.trimEnd().concat('\n  webhook: { secret_tokens: [] }\n')]) {
      const { settings } = await load(text);
      expect(() => requireWebhookSecret(settings)).toThrow(
        expect.objectContaining({ code: 'SBX_WEBHOOK_SECRET_MISSING' }),
      );
    }
  });
});
