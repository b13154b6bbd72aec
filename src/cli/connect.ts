import { join } from 'node:path';
import { request } from 'undici';
import { loadConfig } from '../config/load-config.ts';
import type { Settings } from '../config/schema.ts';
import { type Explanation, explainKey } from '../engine/explain.ts';
import {
  type JournalProof,
  type JournalQuery,
  type JournalRow,
  readJournal,
  verifyJournal,
} from '../engine/journal/journal.ts';
import { ERRORS, type ErrorCode, SignalboxError } from '../errors.ts';
import { readControl } from '../service/control-file.ts';
import { lockDataDirectory } from '../storage/lock-data-directory.ts';
import { openSqlite } from '../storage/sqlite/open-sqlite.ts';

/** What a command can ask of an installation, whether its service runs or not. */
export interface Installation {
  settings: Settings;
  running: boolean;
  explain(key: string): Promise<Explanation>;
  journal(query: JournalQuery): Promise<JournalRow[]>;
  verify(): Promise<JournalProof>;
  /** Needs the running service. */
  replay(what: string): Promise<string[]>;
  close(): Promise<void>;
}

/**
 * Reaches the service that runs on this machine with this configuration, or, when none runs, its database. The two never
 * share the database: the file has one owner.
 */
export async function connect(configFile: string): Promise<Installation> {
  const { settings } = await loadConfig(configFile, { environment: process.env });
  const control = readControl(settings.service.data_dir);
  if (control && (await answers(control.url))) return overHttp(settings, control.url, control.token);
  return onDisk(settings);
}

async function answers(url: string): Promise<boolean> {
  try {
    const answer = await request(`${url}/healthz`, { headersTimeout: 3000 });
    await answer.body.dump();
    return answer.statusCode === 200;
  } catch {
    return false;
  }
}

function overHttp(settings: Settings, url: string, token: string): Installation {
  const ask = async <T>(method: 'GET' | 'POST', path: string): Promise<T> => {
    const answer = await request(`${url}${path}`, { method, headers: { authorization: `Bearer ${token}` } });
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
    close: async () => undefined,
  };
}

async function onDisk(settings: Settings): Promise<Installation> {
  const lock = lockDataDirectory(settings.service.data_dir);
  const database = await openSqlite(join(settings.service.data_dir, 'signalbox.db')).catch((error: unknown) => {
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
    close: async () => {
      await database.close();
      lock.release();
    },
  };
}
