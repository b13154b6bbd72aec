import { belongs, type Draft, isReport, newDraft, pushFrame, toReport } from './draft.ts';
import {
  type Access,
  type Assembler,
  type Frame,
  type LogLine,
  MAX_FOREIGN_RUN,
  MAX_LINES_TO_ACCESS,
  type RaceReport,
} from './report.ts';

// compiler-rt/lib/tsan/rtl/tsan_report.cpp, the half for C, C++, Rust and Swift.
const MARKER = /WARNING: ThreadSanitizer: ([^(]+?)\s*(?:\(pid=\d+\))?\s*$/;
const ACCESS =
  /(Previous )?((?:atomic |modifying |read-only )?(?:read|write|access))(?: of size \d+)? (?:at|of \S+ at) (0x[0-9a-f]+) by (main thread|thread T\d+)/i;
const CREATED = /^[\s>]*Thread (T\d+)\b.*?\(?(?:tid=\d+, )?(running|finished)?\)? created (?:by .+ )?at:/;
const LOCATION = /^[\s>]*(Location is .+?)\s*$/;
// Tools that turned "#1" into a link to issue 1 are common enough to be read, too.
const FRAME = /^[\s>]*(?:#\d+|https?:\/\/\S+\/issues\/\d+)\s+(?:0x[0-9a-f]+ in )?(.+?)\s*$/;
const OTHER_SECTION = /^[\s>]*(?:Mutex M\d+|As if synchronized via sleep|Hint:|Thread T\d+)/;

/** `func file:line:col (module+0x…) (BuildId: …)`, of which everything but the function may be missing. */
function tsanFrame(text: string): Frame {
  const bare = text.replace(/(?:\s+\((?:BuildId: [^)]*|[^()]*\+0x[0-9a-f]*)\))+$/, '');
  const match = /^(.*\S)\s+(<null>|\S+?)(?::(\d+))?(?::\d+)?$/.exec(bare);
  if (match === null) return { func: bare, file: null, line: null };
  const [, func = '', file = '', line] = match;
  if (file === '<null>') return { func, file: null, line: null };
  // Without a line number the last word is only a file if it looks like one, not a template's or parameter's end.
  if (line === undefined && !/\.\w{1,4}$/.test(file)) return { func: bare, file: null, line: null };
  return { func, file, line: line === undefined ? null : Number(line) };
}

/** Reads ThreadSanitizer reports; types without accesses (thread leak, lock order) are not races and are passed over. */
export function tsanAssembler(): Assembler {
  let draft: Draft | null = null;
  let stack: Frame[] | null = null;
  let unparsed = 0;

  function close(): RaceReport[] {
    const done = draft;
    draft = null;
    stack = null;
    if (done === null) return [];
    if (isReport(done)) return [toReport(done, false)];
    if (done.exact && /race/.test(done.type)) unparsed++;
    return [];
  }

  function section(open: Draft, line: LogLine): boolean {
    const access = ACCESS.exec(line.text);
    if (access !== null) {
      const [, previous, kind = '', address = '', actor = ''] = access;
      const found: Access = {
        kind: kind.toLowerCase(),
        previous: previous !== undefined,
        address: address.toLowerCase(),
        actor: actor.toLowerCase().replace(/ t(\d+)$/, ' T$1'),
        stack: [],
        lost: false,
        elided: false,
      };
      open.accesses.push(found);
      stack = found.stack;
      return true;
    }
    const created = CREATED.exec(line.text);
    if (created !== null) {
      const creation = { actor: `thread ${created[1]}`, state: created[2] ?? null, stack: [] };
      open.creations.push(creation);
      stack = creation.stack;
      return true;
    }
    const location = LOCATION.exec(line.text);
    if (location !== null) open.location = location[1]?.replace(/:$/, '') ?? null;
    else if (!OTHER_SECTION.test(line.text)) return false;
    stack = null;
    return true;
  }

  function take(line: LogLine): RaceReport[] {
    if (line.text.includes('ThreadSanitizer: ') && !line.text.includes('SUMMARY:')) {
      const marker = MARKER.exec(line.text);
      if (marker !== null) {
        const done = close();
        const exact = line.text.trimStart().startsWith('WARNING:');
        draft = newDraft('tsan', marker[1] ?? 'data race', line, true, exact);
        return done;
      }
    }
    if (draft === null || line.text.trim() === '') return [];
    if (section(draft, line)) {
      belongs(draft, line);
      return [];
    }
    if (/SUMMARY: ThreadSanitizer:/.test(line.text) || /^[\s>]*={18,}\s*$/.test(line.text)) {
      draft.end = line.next;
      draft.closed = true;
      return draft.accesses.length > 0 ? close() : [];
    }
    const frame = FRAME.exec(line.text);
    if (frame !== null) {
      belongs(draft, line);
      if (stack !== null) pushFrame(draft, stack, tsanFrame(frame[1] ?? ''));
      return [];
    }
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
