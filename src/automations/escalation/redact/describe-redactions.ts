import type { Redaction } from '../../../freshdesk/mail/mail-types.ts';

/** Several counts as one, in the order in which the rules first found something. */
export function sumRedactions(counts: readonly (readonly Redaction[])[]): Redaction[] {
  const sums = new Map<string, number>();
  for (const { rule, count } of counts.flat()) sums.set(rule, (sums.get(rule) ?? 0) + count);
  return [...sums].map(([rule, count]) => ({ rule, count }));
}

/** "password (2), private key (1)"; empty where nothing was removed. */
export function describeRedactions(redactions: readonly Redaction[]): string {
  return redactions.map(({ rule, count }) => `${rule} (${count})`).join(', ');
}
