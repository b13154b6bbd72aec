import type { Origin, Piece } from './piece.ts';
import { unwrapped } from './piece.ts';
import { jsonTime } from './times.ts';

const FIELD = /^(__?[A-Z][A-Z0-9_]*|MESSAGE|PRIORITY|CODE_[A-Z]+|SYSLOG_[A-Z]+|[A-Z][A-Z0-9]*_[A-Z0-9_]+)=(.*)$/s;
const LONGEST_ENTRY = 200;

/** The fields of one entry of `journalctl -o export`, which stand on lines of their own until a blank one. */
export interface JournalExport {
  /** Null when the line is not part of an export. */
  take(piece: Piece): Piece[] | null;
  flush(): Piece[];
  pending(): boolean;
}

/** Puts the entries of a journal export together again; recognised by its field names, also from the middle on. */
export function journalExport(): JournalExport {
  let entry: { fields: Map<string, string>; message: string[]; binary: boolean; last: Piece; lines: number } | null =
    null;

  function flush(): Piece[] {
    const done = entry;
    entry = null;
    if (done === null) return [];
    const origin: Origin = {};
    const host = done.fields.get('_HOSTNAME');
    const unit = done.fields.get('_SYSTEMD_UNIT') ?? done.fields.get('SYSLOG_IDENTIFIER');
    const pid = done.fields.get('_PID') ?? done.fields.get('SYSLOG_PID');
    if (host !== undefined) origin.host = host;
    if (unit !== undefined) origin.unit = unit;
    if (pid !== undefined) origin.pid = pid;
    const time = jsonTime(done.fields.get('__REALTIME_TIMESTAMP'));
    return done.message.map(text => unwrapped(done.last, text, { time, origin }));
  }

  function take(piece: Piece): Piece[] | null {
    const field = piece.text.includes('=') ? FIELD.exec(piece.text) : null;
    if (field === null) {
      if (entry === null) return null;
      entry.lines++;
      if (piece.text === '' && !entry.binary) return flush();
      if (piece.text === 'MESSAGE') {
        entry.binary = true;
        entry.message = [];
      } else if (entry.binary) {
        // A message with line breaks: eight bytes of length, then the text.
        entry.message.push(
          entry.message.length === 0 ? piece.text.replace(/^.{0,2}?[\0\ufffd]{5,8}/s, '') : piece.text,
        );
      } else if (/^[A-Z_][A-Z0-9_]*$/.test(piece.text) === false) {
        // Not an export after all, or one that was cut: what was collected goes out, and the line is its own.
        return [...flush(), piece];
      }
      return entry.lines > LONGEST_ENTRY ? flush() : [];
    }
    const [, name = '', value = ''] = field;
    const done = name === '__CURSOR' ? flush() : [];
    entry ??= { fields: new Map(), message: [], binary: false, last: piece, lines: 0 };
    entry.lines++;
    entry.last = piece;
    if (name === 'MESSAGE') entry.message = [value];
    else entry.fields.set(name, value);
    if (entry.binary) entry.binary = false;
    return entry.lines > LONGEST_ENTRY ? [...done, ...flush()] : done;
  }

  return { take, flush, pending: () => entry !== null };
}
