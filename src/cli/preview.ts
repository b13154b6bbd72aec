import type { SecretReference } from '../config/fields.ts';
import type { Settings } from '../config/schema.ts';
import { readSecret } from '../config/secrets.ts';
import { createDocuments, noDocuments } from '../engine/documents/documents.ts';
import { noRecords } from '../engine/records/list-records.ts';
import { DEFAULT_PACE } from '../engine/work/back-off.ts';
import { type Preview, previewKey } from '../engine/work/preview-key.ts';
import { SignalboxError } from '../errors.ts';
import { createGitLab } from '../gitlab/client/create-gitlab.ts';
import { switchOn } from '../service/automations.ts';
import { openFreshdesk } from '../service/freshdesk.ts';
import type { Database } from '../storage/database.ts';

/** Gathers and decides without the service; with its database's memory where there is one, and without a single write. */
export async function previewWithout(key: string, settings: Settings, database: Database | null): Promise<Preview> {
  if (!settings.gitlab) throw new SignalboxError('SBX_KEY_WITHOUT_AUTOMATION', key);
  const { value: token } = await readSecret(settings.gitlab.token, process.env);
  const gitlab = createGitLab({ url: settings.gitlab.url, token });
  const documents = database
    ? createDocuments({ database, pace: DEFAULT_PACE, now: Date.now, wake: () => undefined })
    : noDocuments();
  const secret = async (reference: SecretReference) => (await readSecret(reference, process.env)).value;
  const freshdesk = await openFreshdesk(settings, secret, Date.now);
  const quiet = () => undefined;
  const nobody = () => {
    throw new SignalboxError('SBX_NOT_SIGNED_IN', 'nobody acts in a preview');
  };
  try {
    const { automations } = await switchOn({
      settings,
      gitlab,
      opsGitlab: undefined,
      hookUrl: '',
      accept: async () => undefined,
      documents,
      records: noRecords(),
      operator: nobody,
      viewer: nobody,
      raceSources: [],
      freshdesk,
      dryRun: true,
      now: Date.now,
      log: { info: quiet, warn: quiet, error: quiet },
    });
    return await previewKey(key, { automations, database: database?.query ?? null, now: Date.now });
  } finally {
    await gitlab.close();
    await freshdesk?.close();
  }
}
