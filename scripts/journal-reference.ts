import { JOURNAL_KINDS } from '../src/engine/journal/journal-kinds.ts';

/** docs/journal.md: what is written down. */
export function journalReference(): string {
  const rows = Object.entries(JOURNAL_KINDS).map(([kind, { what, data }]) => `| \`${kind}\` | ${what} | ${data} |`);
  return `# The journal

Written from \`src/engine/journal/journal-kinds.ts\` by \`npm run docs\`.

Every signal, decision and effect is one row, written in the transaction that it describes. Each row has a number, a time, its kind, the key that it is
about, its data, and a hash that covers the row before it, so that a row that was edited, removed or slipped in shows.

| kind | what | its data |
|---|---|---|
${rows.join('\n')}

Read it with \`signalbox journal\`, on the dashboard, or by \`GET /v1/journal\` ([http.md](http.md)); \`signalbox journal --verify\` recomputes the chain. It is
never shortened.
`;
}
