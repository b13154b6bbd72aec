import { randomUUID } from 'node:crypto';
import type { EscalationAgent } from '../automations/escalation/access.ts';
import { redactionRules } from '../automations/escalation/redact/redact-settings.ts';
import type { SecretReference } from '../config/fields.ts';
import { freshdeskFileHosts, freshdeskUrl } from '../config/freshdesk.ts';
import type { Settings } from '../config/schema.ts';
import type { DeliverySource } from '../engine/intake/delivery.ts';
import { createFreshdesk, type Freshdesk } from '../freshdesk/client/create-freshdesk.ts';
import { createFileDoor, type FileDoor } from '../freshdesk/files/open-file.ts';
import { createMailConverter } from '../freshdesk/mail/mail-converter.ts';
import type { MailConverter } from '../freshdesk/mail/mail-types.ts';
import { knownSecrets } from '../known-secrets.ts';
import { limitHeap, youngCollector } from './collector.ts';

/** The adapters towards Freshdesk, and who may press its button. */
export interface FreshdeskSide {
  freshdesk: Freshdesk;
  files: FileDoor;
  mail: MailConverter;
  agents: EscalationAgent[];
  /** Its webhooks; none without a secret by which they could be told from forged ones. */
  sources: DeliverySource[];
  collect: () => void;
  close(): Promise<void>;
}

/** Ids and nothing else: what is larger is no hint. */
const LARGEST_HINT = 1024 * 1024;

/** Opens what the section `freshdesk` describes; undefined where there is none. */
export async function openFreshdesk(
  settings: Settings,
  secret: (reference: SecretReference) => Promise<string>,
  now: () => number,
): Promise<FreshdeskSide | undefined> {
  const { freshdesk: section, gitlab } = settings;
  if (!section || !gitlab) return undefined;
  const webhookSecret = section.webhook_secret && (await secret(section.webhook_secret));
  const agents = await Promise.all(
    (settings.escalation?.agents ?? []).map(async each => ({ name: each.name, token: await secret(each.token) })),
  );
  limitHeap();
  const apiKey = await secret(section.api_key);
  const freshdesk = createFreshdesk({ url: freshdeskUrl(section), apiKey, share: section.rate_share, now });
  const files = createFileDoor({ hosts: freshdeskFileHosts(section) });
  const mail = createMailConverter({
    gitlabUrl: gitlab.url,
    freshdeskHosts: freshdeskFileHosts(section),
    redact: settings.escalation ? redactionRules(settings.escalation.redact) : [],
    warm: settings.escalation !== undefined,
    workers: 1,
  });
  return {
    freshdesk,
    files,
    mail,
    agents,
    collect: youngCollector(),
    sources: webhookSecret === undefined ? [] : [hintSource(webhookSecret)],
    close: async () => {
      await Promise.all([freshdesk.close(), files.close(), mail.close()]);
    },
  };
}

/** Freshdesk signs nothing and names no event: a secret header, and each request counts as one of its own. */
function hintSource(secret: string): DeliverySource {
  const known = knownSecrets([secret], each => each);
  return {
    name: 'freshdesk',
    maxBytes: LARGEST_HINT,
    verify: headers => {
      const given = headers['x-signalbox-secret'];
      if (typeof given !== 'string') return { ok: false, reason: 'there is no X-Signalbox-Secret' };
      return known(given).length > 0
        ? { ok: true }
        : { ok: false, reason: 'X-Signalbox-Secret is not the configured one' };
    },
    describe: () => ({ dedupeKey: randomUUID(), event: 'ticket', chain: null }),
  };
}
