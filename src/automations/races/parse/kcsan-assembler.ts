import { belongs, type Draft, newDraft, pushFrame, toReport } from './draft.ts';
import {
  type Access,
  type Assembler,
  type LogLine,
  MAX_FOREIGN_RUN,
  MAX_LINES_TO_ACCESS,
  type RaceReport,
} from './report.ts';

// kernel/kcsan/report.c
const MARKER = /BUG: KCSAN: ((?:data-race|assert: race) in) (\S+)(?: \/ (\S+))?\s*$/;
const ACCESS =
  /(race at unknown origin, with )?((?:read-write|read|write|assert no (?:writes|accesses))(?: \([a-z, ]+\))*) to (0x[0-9a-f]+)(?: of \d+ bytes)? by ((?:task \d+|interrupt)(?: on cpu \d+)?):/;
const FRAME = /^\s*([A-Za-z_][\w.$]*)\+0x[0-9a-f]+\/0x[0-9a-f]+/;
// As report-text.ts writes it: what a box sends was read and written anew there.
const BARE_FRAME = /^ ([A-Za-z_][\w.$]*)$/;
const REORDERED = /\+-> reordered to: ([A-Za-z_][\w.$]*)/;
const plain = (name: string): string => name.replace(/\+0x.*$/, '');

/** Reads the kernel's KCSAN reports; their sides are named in the first line, stacks are sometimes missing. */
export function kcsanAssembler(): Assembler {
  let draft: Draft | null = null;
  let access: Access | null = null;
  let unparsed = 0;

  function close(): RaceReport[] {
    const done = draft;
    draft = null;
    access = null;
    if (done === null) return [];
    if (done.accesses.length === 0) {
      unparsed++;
      return [];
    }
    const report = toReport(done, false);
    // Two sides are promised by the title "A / B"; a race of unknown origin has only one to show.
    const whole = done.accesses.length >= done.named.length;
    return [{ ...report, confidence: !whole ? 'truncated' : done.torn ? 'torn' : 'complete' }];
  }

  function take(line: LogLine): RaceReport[] {
    const marker = line.text.includes('BUG: KCSAN: ') ? MARKER.exec(line.text) : null;
    if (marker !== null) {
      const done = close();
      const [, type = '', first = '', second] = marker;
      draft = newDraft('kcsan', type === 'data-race in' ? 'data race' : 'assert: race', line, true, true);
      draft.named = [first, ...(second === undefined ? [] : [second])].map(plain);
      return done;
    }
    if (draft === null || line.text.trim() === '') return [];
    const header = ACCESS.exec(line.text);
    if (header !== null) {
      const [, , kind = '', address = '', actor = ''] = header;
      access = { kind, previous: draft.accesses.length > 0, address, actor, stack: [], lost: false, elided: false };
      draft.accesses.push(access);
      belongs(draft, line);
      return [];
    }
    if (/Reported by Kernel Concurrency Sanitizer|={60,}/.test(line.text)) {
      draft.end = line.next;
      draft.closed = true;
      return draft.accesses.length > 0 ? close() : [];
    }
    const frame = FRAME.exec(line.text) ?? REORDERED.exec(line.text) ?? BARE_FRAME.exec(line.text);
    if (frame !== null && access !== null) {
      belongs(draft, line);
      pushFrame(draft, access.stack, { func: frame[1] ?? '', file: null, line: null });
      return [];
    }
    // Values, held locks and event stamps stand between the stacks; they are the kernel's own.
    if (/^\s*(?:value changed:|\||\d+ locks? held by|#\d+: |irq event stamp|no locks held by)/.test(line.text))
      return [];
    draft.foreignRun++;
    if (draft.accesses.length === 0) draft.waiting++;
    return draft.foreignRun > MAX_FOREIGN_RUN || draft.waiting > MAX_LINES_TO_ACCESS ? close() : [];
  }

  return {
    feed: take,
    finish: close,
    isOpen: () => draft !== null,
    openSince: () => draft?.start ?? null,
    unparsed: () => unparsed,
  };
}
