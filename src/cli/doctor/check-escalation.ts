import type { EscalationSettings } from '../../automations/escalation/settings.ts';
import { freshdeskUrl } from '../../config/freshdesk.ts';
import type { Settings } from '../../config/schema.ts';
import { SignalboxError } from '../../errors.ts';
import { createFreshdesk, type Freshdesk } from '../../freshdesk/client/create-freshdesk.ts';
import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import type { Project } from '../../gitlab/client/schemas.ts';
import { type Check, fail, ok, warn } from './check.ts';
import { remedy } from './remedies.ts';

/** For labels that `--fix` creates; people choose their colour later. */
const LABEL = { color: '#428bca', description: 'Escalated from Freshdesk' };
/** An agent who sees all tickets. */
const ALL_TICKETS = 1;

/** The connection to Freshdesk, its key, and what the escalation sets on tickets. */
export async function checkFreshdesk(settings: Settings, apiKey: string): Promise<Check[]> {
  const { freshdesk: section, escalation } = settings;
  if (!section) return [];
  const freshdesk = createFreshdesk({ url: freshdeskUrl(section), apiKey, share: section.rate_share, now: Date.now });
  try {
    const checks = await checkKey(freshdesk);
    if (section.webhook_secret === undefined) {
      const detail = 'there is no webhook_secret: they are refused';
      checks.push(warn('freshdesk webhooks', detail, remedy('no freshdesk secret')));
    } else checks.push(ok('freshdesk webhooks', 'a secret is configured'));
    if (checks.some(check => check.status === 'FAIL') || !escalation) return checks;
    return [...checks, ...checkAgents(escalation), ...(await checkFields(freshdesk, escalation))];
  } finally {
    await freshdesk.close();
  }
}

async function checkKey(freshdesk: Freshdesk): Promise<Check[]> {
  try {
    const me = await freshdesk.people.me();
    const name = me.contact.name ?? me.contact.email ?? String(me.id);
    const checks = [ok('freshdesk reachable', `${freshdesk.url}, the key belongs to ${name}`)];
    checks.push(
      me.ticket_scope === ALL_TICKETS
        ? ok('freshdesk tickets', 'the key sees all tickets')
        : fail('freshdesk tickets', 'the key does not see all tickets', remedy('freshdesk scope')),
    );
    const calls = freshdesk.budget.own;
    checks.push(ok('freshdesk rate limit', `Signalbox takes at most ${calls} calls a minute (rate_share)`));
    return checks;
  } catch (error) {
    const detail = error instanceof SignalboxError ? error.detail : String(error);
    return [fail('freshdesk reachable', detail, remedy('freshdesk unreachable'))];
  }
}

function checkAgents({ agents }: EscalationSettings): Check[] {
  if (agents.length > 0) return [ok('escalation agents', `${agents.length} may press the button`)];
  return [warn('escalation agents', 'escalation.agents is empty', remedy('no agents'))];
}

async function checkFields(freshdesk: Freshdesk, { link_field: field }: EscalationSettings): Promise<Check[]> {
  if (field === undefined) return [];
  const name = 'freshdesk link field';
  try {
    const fields = await freshdesk.ticketFields();
    const found = fields.find(each => each.name === field);
    if (!found) return [fail(name, `there is no ticket field ${field}`, remedy('no ticket field'))];
    return [ok(name, `${field} (${found.type})`)];
  } catch (error) {
    const detail = error instanceof SignalboxError ? error.detail : String(error);
    return [warn(name, `cannot be checked: ${detail}`, remedy('ticket fields unseen'))];
  }
}

/** What the escalation needs of its project: the labels, and nobody outside who can read the files. */
export async function checkEscalation(
  gitlab: GitLab,
  found: Project,
  escalation: EscalationSettings,
): Promise<Check[]> {
  const { project, labels } = escalation;
  const titles = await gitlab.issues.labelTitles(project);
  const checks = labels.map(label => {
    const name = `${project} escalation label`;
    return titles.includes(label) ? ok(name, `"${label}"`) : missingLabel(gitlab, name, project, label);
  });
  if (found.visibility === 'public') {
    const detail = 'the project is public, and so are files of escalated tickets';
    checks.push(warn(`${project} visibility`, detail, remedy('public files')));
  }
  return checks;
}

function missingLabel(gitlab: GitLab, name: string, project: string, label: string): Check {
  const create = async (): Promise<Check> => {
    try {
      await gitlab.boards.createLabel(project, { name: label, ...LABEL });
      return ok(name, `created "${label}"`);
    } catch (error) {
      return fail(name, error instanceof SignalboxError ? error.detail : String(error), 'Create it by hand.');
    }
  };
  return { ...warn(name, `there is no label "${label}"`, remedy('no escalation label')), fix: create };
}
