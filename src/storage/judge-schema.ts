/** What a program may do with a database, given the migrations that it knows and those that were run on it. */
export type SchemaVerdict =
  | { may: 'migrate' }
  /** A newer program has extended the schema; this one goes on as it is. */
  | { may: 'use'; newer: string[] }
  | { may: 'nothing'; because: string };

/** `0007-drop-chain-needs-0005`: only programs that know 0005 can work with what 0007 leaves. */
const NEEDS = /-needs-(\d{4})$/;

/**
 * Expand, then contract: a migration adds, and programs that do not know it go on working. One that takes something away
 * says in its name which migration a program must know at least.
 */
export function judgeSchema(known: readonly string[], executed: readonly string[]): SchemaVerdict {
  const newer = executed.filter(name => !known.includes(name));
  if (newer.length === 0) return { may: 'migrate' };
  const missing = known.filter(name => !executed.includes(name));
  if (missing.length > 0) {
    const because = `${newer.join(', ')} was run on it, and ${missing.join(', ')} was not: it is of another line of versions`;
    return { may: 'nothing', because };
  }
  const mine = Math.max(...known.map(name => Number.parseInt(name, 10)));
  const contracting = newer.find(name => Number(NEEDS.exec(name)?.[1] ?? 0) > mine);
  if (contracting === undefined) return { may: 'use', newer };
  return {
    may: 'nothing',
    because: `a newer signalbox has changed it (${contracting}); this one knows it up to ${mine}`,
  };
}
