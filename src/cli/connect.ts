import { existsSync } from 'node:fs';
import { request } from 'undici';
import { loadConfig } from '../config/load-config.ts';
import type { Settings } from '../config/schema.ts';
import { readSecret } from '../config/secrets.ts';
import { type Explanation, explainKey } from '../engine/explain.ts';
import {
  type JournalProof,
  type JournalQuery,
  type JournalRow,
  readJournal,
  verifyJournal,
} from '../engine/journal/journal.ts';
import type { Preview } from '../engine/work/preview-key.ts';
import { ERRORS, type ErrorCode, SignalboxError } from '../errors.ts';
import { readControl } from '../service/control-file.ts';
import { openDatabase, sqliteFile } from '../service/open-database.ts';
import { lockDataDirectory } from '../storage/lock-data-directory.ts';
import { answers } from './answers.ts';
import { previewWithout } from './preview.ts';

/** What a command can ask of an installation, whether its service runs or not. */
export interface Installation {
  settings: Settings;
  running: boolean;
  explain(key: string): Promise<Explanation>;
  journal(query: JournalQuery): Promise<JournalRow[]>;
  verify(): Promise<JournalProof>;
  /** Needs the running service. */
  replay(what: string): Promise<string[]>;
  /** Any call of the HTTP API; needs the running service. */
  call<T>(method: 'GET' | 'POST', path: string, json?: unknown): Promise<T>;
  /** What a look at the key would come to now. */
  preview(key: string): Promise<Preview>;
  /** Takes the board's last move of an issue back; needs the running service. */
  undoMove(issue: string): Promise<{ key: string; column: string | null }>;
  close(): Promise<void>;
}

/**
 * Reaches the service that runs on this machine with this configuration, or, when none runs, its database. The two never
 * share the data directory: it has one owner.
 */
export async function connect(configFile: string): Promise<Installation> {
  const { settings } = await loadConfig(configFile, { environment: process.env });
  const control = readControl(settings.service.data_dir);
  if (control && (await answers(control.url))) return overHttp(settings, control.url, control.token);
  return onDisk(settings);
}

/** Whether a service has ever run with these settings; a PostgreSQL is there in any case. */
export function hasDatabase(settings: Settings): boolean {
  return settings.service.database !== 'sqlite' || existsSync(sqliteFile(settings));
}

function overHttp(settings: Settings, url: string, token: string): Installation {
  const ask = async <T>(method: 'GET' | 'POST', path: string, json?: unknown): Promise<T> => {
    const headers = {
      authorization: `Bearer ${token}`,
      ...(json !== undefined && { 'content-type': 'application/json' }),
    };
    const sent = json === undefined ? null : JSON.stringify(json);
    const answer = await request(`${url}${path}`, { method, headers, body: sent });
    const body = (await answer.body.json()) as T & { code?: string; detail?: string };
    if (answer.statusCode < 400) return body;
    const code = (body.code ?? '') in ERRORS ? (body.code as ErrorCode) : 'SBX_INTERNAL';
    throw new SignalboxError(code, body.detail ?? '');
  };
  return {
    settings,
    running: true,
    explain: key => ask('GET', `/v1/explain?key=${encodeURIComponent(key)}`),
    journal: async query => {
      const parameters = new URLSearchParams();
      for (const [name, value] of Object.entries(query)) parameters.set(name, String(value));
      return (await ask<{ rows: JournalRow[] }>('GET', `/v1/journal?${parameters}`)).rows;
    },
    verify: () => ask('GET', '/v1/journal/proof'),
    replay: async what => (await ask<{ keys: string[] }>('POST', `/v1/work/${encodeURIComponent(what)}/replay`)).keys,
    preview: key => ask('POST', `/v1/work/${encodeURIComponent(key)}/preview`),
    call: ask,
    undoMove: issue => ask('POST', '/v1/board/undo', { issue }),
    close: async () => undefined,
  };
}

async function onDisk(settings: Settings): Promise<Installation> {
  const lock = lockDataDirectory(settings.service.data_dir);
  const secret = async (reference: Parameters<typeof readSecret>[0]) =>
    (await readSecret(reference, process.env)).value;
  const database = await openDatabase(settings, secret).catch((error: unknown) => {
    lock.release();
    throw error;
  });
  return {
    settings,
    running: false,
    explain: async key => {
      const explanation = await explainKey(database.query, key);
      if (!explanation) throw new SignalboxError('SBX_KEY_NEVER_SEEN', key);
      return explanation;
    },
    journal: query => readJournal(database.query, query),
    verify: () => verifyJournal(database.query),
    replay: () => Promise.reject(new SignalboxError('SBX_SERVICE_NOT_RUNNING', settings.service.data_dir)),
    preview: key => previewWithout(key, settings, database),
    call: () => Promise.reject(new SignalboxError('SBX_SERVICE_NOT_RUNNING', settings.service.data_dir)),
    undoMove: () => Promise.reject(new SignalboxError('SBX_SERVICE_NOT_RUNNING', settings.service.data_dir)),
    close: async () => {
      await database.close();
      lock.release();
    },
  };
}
