import { setTimeout as sleep } from 'node:timers/promises';
import { loadConfig } from '../config/load-config.ts';
import { readSecret } from '../config/secrets.ts';
import type { Automation } from '../engine/automation.ts';
import { noDocuments } from '../engine/documents/documents.ts';
import type { Json } from '../engine/json.ts';
import { SignalboxError } from '../errors.ts';
import { createGitLab } from '../gitlab/client/create-gitlab.ts';
import { switchOn } from '../service/automations.ts';
import { startService } from '../service/compose.ts';
import { connect } from './connect.ts';

export interface OneLook {
  key: string;
  facts: Json;
  decision: { verdict: string; because: string[]; plan: string[] };
}

const PATIENCE = 60_000;
const POLL = 100;

/** Looks at one key by hand: through the service where one runs, else with an engine of its own for so long. */
export async function lookOnce(key: string, options: { config: string; dryRun: boolean }): Promise<OneLook> {
  if (options.dryRun) return decideOnly(key, options.config);
  const installation = await connect(options.config);
  if (installation.running) return throughService(key, installation);
  const { settings } = installation;
  await installation.close();
  const listen = { ...settings.service.listen, port: 0 };
  const service = await startService({
    settings: { ...settings, service: { ...settings.service, listen } },
    environment: process.env,
    logLevel: 'error',
  });
  try {
    return await throughService(key, await connect(options.config));
  } finally {
    await service.stop();
  }
}

async function throughService(key: string, installation: Awaited<ReturnType<typeof connect>>): Promise<OneLook> {
  const before = await installation.explain(key).catch(() => null);
  await installation.replay(key);
  const until = Date.now() + PATIENCE;
  while (Date.now() < until) {
    const now = await installation.explain(key);
    const looked = now.decision !== null && now.decision.decided_at !== before?.decision?.decided_at;
    if (looked && now.decision && !now.next?.running && now.next?.due_at === null) {
      return { key, facts: now.facts, decision: now.decision };
    }
    if (now.next?.error && !now.next.running && !looked) {
      const { detail } = now.next.error as { detail?: string };
      throw new SignalboxError('SBX_LOOK_FAILED', `${key}: ${detail ?? ''}`);
    }
    await sleep(POLL);
  }
  throw new SignalboxError('SBX_LOOK_FAILED', `${key}: no result within ${PATIENCE / 1000} s`);
}

/** Gather and decide, without a database and without a single write. */
async function decideOnly(key: string, config: string): Promise<OneLook> {
  const { settings } = await loadConfig(config, { environment: process.env });
  if (!settings.gitlab) throw new SignalboxError('SBX_KEY_WITHOUT_AUTOMATION', key);
  const { value: token } = await readSecret(settings.gitlab.token, process.env);
  const gitlab = createGitLab({ url: settings.gitlab.url, token });
  try {
    const { automations } = switchOn({
      settings,
      gitlab,
      opsGitlab: undefined,
      hookUrl: '',
      accept: async () => undefined,
      documents: noDocuments(),
      raceSources: [],
      now: Date.now,
    });
    const automation: Automation | undefined = automations.find(each => key.startsWith(`${each.kind}:`));
    if (!automation) throw new SignalboxError('SBX_KEY_WITHOUT_AUTOMATION', key);
    const subject = key.slice(key.indexOf(':') + 1);
    const signal = new AbortController().signal;
    const look = { key, subject, reasons: ['by hand'], memory: null, chain: null, signal, now: Date.now };
    const facts = await automation.gather(look);
    const { verdict, because, actions } = automation.decide(facts, null, Date.now());
    return { key, facts: facts as Json, decision: { verdict, because, plan: actions.map(action => action.summary) } };
  } finally {
    await gitlab.close();
  }
}
