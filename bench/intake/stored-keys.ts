import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** What is on disk in a data directory, read without the service's own code. */
function inDatabase<T>(data: string, ask: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync(join(data, 'signalbox.db'), { readOnly: true });
  try {
    return ask(database);
  } finally {
    database.close();
  }
}

/** The keys of deliveries that were read into the database. */
export function keysInDatabase(data: string, prefix: string): Set<string> {
  const sql = 'select dedupe_key from deliveries where dedupe_key >= ? and dedupe_key < ?';
  const rows = inDatabase(data, database => database.prepare(sql).all(prefix, `${prefix}~`));
  return new Set(rows.map(row => String(row['dedupe_key'])));
}

/** The keys in the segments of the intake log: each record's lengths stand at bytes 8 and 12, its head at 24. */
export function keysInLog(data: string, prefix: string): Set<string> {
  const keys = new Set<string>();
  for (const { file } of segments(data)) {
    const bytes = readFileSync(file);
    for (let at = 0; at + 24 < bytes.length; ) {
      const head = bytes.readUInt32LE(at + 8);
      const next = at + 24 + head + bytes.readUInt32LE(at + 12);
      if (next > bytes.length) break;
      const { dedupeKey } = JSON.parse(bytes.toString('utf8', at + 24, at + 24 + head)) as { dedupeKey: string };
      if (dedupeKey.startsWith(prefix)) keys.add(dedupeKey);
      at = next;
    }
  }
  return keys;
}

/** How many bytes of the log wait to be read. */
export function unreadBytes(data: string): number {
  const position = inDatabase(data, database =>
    database.prepare('select segment, at_byte from intake_positions').get(),
  );
  const [segment, offset] = [Number(position?.['segment'] ?? 0), Number(position?.['at_byte'] ?? 0)];
  const unread = segments(data).map(({ file, sequence }) => {
    if (sequence < segment || !existsSync(file)) return 0;
    return statSync(file).size - (sequence === segment ? offset : 0);
  });
  return unread.reduce((sum, bytes) => sum + bytes, 0);
}

function segments(data: string): { file: string; sequence: number }[] {
  const directory = join(data, 'intake');
  const names = readdirSync(directory).filter(name => name.endsWith('.log'));
  return names.toSorted().map(name => ({ file: join(directory, name), sequence: Number.parseInt(name, 10) }));
}
