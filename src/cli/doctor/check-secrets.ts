import type { Environment } from '../../config/environment.ts';
import type { SecretReference } from '../../config/fields.ts';
import type { Settings } from '../../config/schema.ts';
import { readSecret } from '../../config/secrets.ts';
import { SignalboxError } from '../../errors.ts';
import { type Check, fail, ok, warn } from './check.ts';
import { remedy } from './remedies.ts';

/** Shorter ones might be guessed by somebody who has time. */
const LONG_ENOUGH = 32;

/** Whether each secret that the configuration names can be read, and by the service alone. */
export async function checkSecrets(settings: Settings, environment: Environment): Promise<Check[]> {
  const found = [...secretsIn(settings, '')];
  const checks: Check[] = [];
  for (const { at, reference } of found) {
    try {
      const { value, warnings } = await readSecret(reference, environment);
      for (const warning of warnings) checks.push(warn(`secret ${at}`, warning, remedy('secret open')));
      if (isPassword(at) && value.length < LONG_ENOUGH)
        checks.push(warn(`secret ${at}`, `has ${value.length} characters`, remedy('secret short')));
    } catch (error) {
      const detail = error instanceof SignalboxError ? error.detail : String(error);
      checks.push(fail(`secret ${at}`, detail, remedy('secret missing')));
    }
  }
  return checks.length > 0 ? checks : [ok('secrets', `${found.length} can be read, by this user alone`)];
}

/** What somebody at our own door shows us; the others are made elsewhere. */
function isPassword(at: string): boolean {
  return at.startsWith('service.api_tokens') || at === 'service.dashboard.token';
}

function* secretsIn(value: unknown, at: string): Generator<{ at: string; reference: SecretReference }> {
  if (typeof value !== 'object' || value === null) return;
  if ('secretIn' in value) {
    yield { at, reference: value as SecretReference };
    return;
  }
  for (const [key, each] of Object.entries(value)) {
    const below = Array.isArray(value) ? `${at}[${key}]` : at === '' ? key : `${at}.${key}`;
    yield* secretsIn(each, below);
  }
}
