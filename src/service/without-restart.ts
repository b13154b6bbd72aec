import { isDeepStrictEqual } from 'node:util';
import type { Settings } from '../config/schema.ts';

/** What a running service cannot change: where it listens, and where its data is. */
const FIXED = [
  'listen',
  'data_dir',
  'database',
  'artifacts',
  'trusted_proxies',
  'traces',
] as const satisfies (keyof Settings['service'])[];

/** The settings that a running service can go on with, and the names of those that wait for a restart. */
export function withoutRestart(present: Settings, wanted: Settings): { settings: Settings; needRestart: string[] } {
  const changed = FIXED.filter(field => !isDeepStrictEqual(present.service[field], wanted.service[field]));
  const kept = Object.fromEntries(FIXED.map(field => [field, present.service[field]]));
  return {
    settings: { ...wanted, service: { ...wanted.service, ...kept } },
    needRestart: changed.map(field => `service.${field}`),
  };
}
