import { z } from 'zod';
import { httpUrl, secret } from './fields.ts';

/** The connection to GitLab. */
export const gitlabSettings = z.strictObject({
  url: httpUrl
    .refine(url => !/\/api(\/v\d+)?$/.test(url), 'must be the address people open in a browser, without /api/v4')
    .describe('The address of GitLab as people open it in a browser, for example https://gitlab.example.com.'),
  token: secret.describe("The bot's access token: scope `api`, role Developer in every project it looks after."),
  ops_token: secret
    .optional()
    .describe(
      'A second token, scope `api`, role Maintainer, used only for webhooks: to fetch deliveries that got lost and to switch a disabled hook on again. Without it both are left out.',
    ),
  webhook: z
    .strictObject({
      signing_tokens: z
        .array(secret)
        .prefault([])
        .describe('Signing tokens (`whsec_…`, GitLab 19 and newer). Several at once while one is being replaced.'),
      secret_tokens: z
        .array(secret)
        .prefault([])
        .describe('Secret tokens, sent as `X-Gitlab-Token`. Several at once while one is being replaced.'),
    })
    .prefault({})
    .describe('The secrets by which webhooks are recognised. With none at all `serve` refuses to start.'),
});
