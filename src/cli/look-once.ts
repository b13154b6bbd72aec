import { setTimeout as sleep } from 'node:timers/promises';
import { loadConfig } from '../config/load-config.ts';
import { findProject } from '../config/projects.ts';
import type { Settings } from '../config/schema.ts';
import type { Json } from '../engine/json.ts';
import { SignalboxError } from '../errors.ts';
import { startService } from '../service/compose.ts';
import { connect, hasDatabase, type Installation } from './connect.ts';
import { previewWithout } from './preview.ts';

export interface OneLook {
  key: string;
  facts: Json;
  decision: { verdict: string; because: string[]; plan: string[] };
}

const PATIENCE = 60_000;
const POLL = 100;

/** What is asked of the service before its look is awaited; it makes the key due. */
export type Ask = (installation: Installation, key: string) => Promise<unknown>;

const lookAgain: Ask = (installation, key) => installation.replay(key);

/**
 * Looks at one key by hand: through the service where one runs, else with an engine of its own for so long. A dry run decides
 * with what the service remembers, where there is a database, and changes nothing.
 */
export async function lookOnce(key: string, options: { config: string; dryRun: boolean; ask?: Ask }): Promise<OneLook> {
  const { config, dryRun, ask = lookAgain } = options;
  const { settings } = await loadConfig(config, { environment: process.env });
  refuseUnknown(key, settings);
  if (dryRun) return preview(key, config, settings);
  const installation = await connect(config);
  if (installation.running) return throughService(key, installation, ask);
  await installation.close();
  const listen = { ...settings.service.listen, port: 0 };
  const service = await startService({
    settings: { ...settings, service: { ...settings.service, listen } },
    environment: process.env,
    logLevel: 'error',
  });
  try {
    return await throughService(key, await connect(config), ask);
  } finally {
    await service.stop();
  }
}

/** A slip of the pen is told at once; as work it would be tried again and again, and be laid aside for a person in the end. */
function refuseUnknown(key: string, { version_check: checks, board }: Settings): void {
  const [, kind, project = ''] = /^(merge-request|issue):(.+)[!#]\d+$/.exec(key) ?? [];
  const section = kind === 'merge-request' ? checks : board;
  if (kind === undefined || !section || findProject(section.projects as Record<string, unknown>, project)) return;
  const name = kind === 'issue' ? 'board' : 'version_check';
  throw new SignalboxError('SBX_PROJECT_NOT_CONFIGURED', `${name}.projects has no ${project}`);
}

async function preview(key: string, config: string, settings: Settings): Promise<OneLook> {
  if (!hasDatabase(settings)) return previewWithout(key, settings, null);
  const installation = await connect(config);
  try {
    return await installation.preview(key);
  } finally {
    await installation.close();
  }
}

async function throughService(key: string, installation: Installation, ask: Ask): Promise<OneLook> {
  const before = await installation.explain(key).catch(() => null);
  await ask(installation, key);
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
