import { parse } from 'yaml';
import { z } from 'zod';

/** An entry of the suppression file. */
export interface Suppression {
  /** A fingerprint, or at least eight digits of its beginning. */
  race: string | null;
  /** A function of either side, `*` for any characters. */
  site: string | null;
  reason: string;
  owner: string;
  /** The end of the last day on which it holds, in milliseconds since 1970; null is for ever. */
  until: number | null;
}

const DAY = 86_400_000;
const text = z.string().trim().min(1).max(500);

const entry = z
  .strictObject({
    race: z
      .string()
      .regex(/^[0-9a-f]{8,32}$/, 'must be a fingerprint, or its first 8 digits or more')
      .optional(),
    site: text.optional(),
    reason: text,
    owner: text,
    until: z
      .string()
      .regex(/^\d{4}-\d\d-\d\d$/, 'must be a day such as 2027-01-15')
      .optional(),
  })
  .refine(each => each.race !== undefined || each.site !== undefined, 'must have race or site');

const file = z.union([z.array(z.unknown()), z.strictObject({ suppress: z.array(z.unknown()) })]).nullable();

/**
 * Reads a suppression file: a list of entries, or `suppress:` with one. An entry with a fault suppresses nothing; what is
 * wrong is returned, because a rule that silently does nothing, or too much, is worse than none.
 */
export function readSuppressions(yaml: string): { entries: Suppression[]; fault: string | null } {
  let document: unknown;
  try {
    // Everything is text: a fingerprint may consist of digits alone.
    document = parse(yaml, { maxAliasCount: 0, schema: 'failsafe' });
  } catch (error) {
    return { entries: [], fault: `it is not YAML: ${firstLine(error)}` };
  }
  const list = file.safeParse(document);
  if (!list.success) return { entries: [], fault: 'it must be a list of entries with race or site, reason and owner' };
  const rows = list.data === null ? [] : Array.isArray(list.data) ? list.data : list.data.suppress;
  const faults: string[] = [];
  const entries = rows.flatMap((row, index): Suppression[] => {
    const read = entry.safeParse(row);
    if (!read.success) {
      const [issue] = read.error.issues;
      faults.push(`entry ${index + 1}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.replace(/ {2,}/g, ' '));
      return [];
    }
    const { race = null, site = null, reason, owner, until } = read.data;
    return [{ race, site, reason, owner, until: until === undefined ? null : Date.parse(until) + DAY }];
  });
  return { entries, fault: faults.length === 0 ? null : faults.join('; ') };
}

/** The entry that holds for a race; one that has not expired before one that has. */
export function suppressionOf(
  entries: readonly Suppression[],
  race: { fingerprint: string; aliases: readonly string[]; sites: readonly string[] },
  now: number,
): Suppression | null {
  const keys = [race.fingerprint, ...race.aliases];
  const fits = entries.filter(each => {
    if (each.race !== null && !keys.some(key => key.startsWith(each.race ?? ''))) return false;
    return each.site === null || race.sites.some(site => matches(each.site ?? '', site));
  });
  return fits.find(each => each.until === null || each.until > now) ?? fits[0] ?? null;
}

/** A site is `a.F`, `@a.F` or `a.F<b.G`: the pattern may fit all of it or one of its functions. */
function matches(pattern: string, site: string): boolean {
  // The `*` of a receiver "(*T)" is meant literally, every other one stands for anything.
  const pieces = pattern.split(/(?<!\()\*/).map(piece => piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const expression = new RegExp(`^${pieces.join('.*')}$`);
  return [site, ...site.replace(/^@/, '').split('<')].some(name => expression.test(name));
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}
