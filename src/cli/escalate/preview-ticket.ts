import { type EscalationPreview, previewEscalation } from '../../automations/escalation/preview.ts';
import { escalationContext } from '../../automations/escalation/switch-on.ts';
import type { Settings } from '../../config/schema.ts';
import { readSecret } from '../../config/secrets.ts';
import { noDocuments } from '../../engine/documents/documents.ts';
import { SignalboxError } from '../../errors.ts';
import { createGitLab } from '../../gitlab/client/create-gitlab.ts';
import { openFreshdesk } from '../../service/freshdesk.ts';

/** What an escalation would make, read without the service and without a single write. */
export async function previewTicket(ticket: number, settings: Settings): Promise<EscalationPreview> {
  const { gitlab: section, escalation } = settings;
  const secret = async (reference: Parameters<typeof readSecret>[0]) =>
    (await readSecret(reference, process.env)).value;
  const side = await openFreshdesk(settings, secret, Date.now);
  if (!section || !escalation || !side) throw new SignalboxError('SBX_USAGE', 'the section escalation is missing');
  const gitlab = createGitLab({ url: section.url, token: await secret(section.token) });
  const quiet = () => undefined;
  try {
    const context = escalationContext({
      ...side,
      gitlab,
      documents: noDocuments(),
      settings: escalation,
      now: Date.now,
      log: { info: quiet, warn: quiet, error: quiet },
    });
    return await previewEscalation(ticket, 'the command line', context);
  } finally {
    await gitlab.close();
    await side.close();
  }
}
