import { belongs, type Draft, isReport, isWhole, newDraft, pushFrame, toReport } from './draft.ts';
import { functionAtEnd, type GoToken, goToken } from './go-tokens.ts';
import {
  type Access,
  type Assembler,
  type Frame,
  type LogLine,
  MAX_FOREIGN_RUN,
  MAX_LINES_TO_ACCESS,
  type RaceReport,
} from './report.ts';

/** Reports that may be open at once in one stream: two processes that share a file without a prefix, and some slack. */
const MAX_OPEN = 4;

/**
 * Reads Go race reports out of one stream of lines, tolerantly: every line is recognised on its own, lines that are
 * none of the grammar's are passed over, and a section finds its report by what it names (the second access by its
 * address, a creation by its goroutine), so that interleaved reports come apart again, marked `mixed`.
 */
export function goAssembler(): Assembler {
  let open: Draft[] = [];
  let current: Draft | null = null;
  /** Where the next frames go. */
  let stack: Frame[] | null = null;
  let access: Access | null = null;
  let func: string | null = null;
  let lastForeign: string | null = null;
  let unparsed = 0;

  function begin(draft: Draft): Draft {
    open.push(draft);
    current = draft;
    enter(null, null);
    return draft;
  }

  function enter(frames: Frame[] | null, of: Access | null): void {
    flushFunc();
    stack = frames;
    access = of;
  }

  /** A function whose file line never came: shortened by a person, or torn. */
  function flushFunc(): void {
    if (func !== null && stack !== null && current !== null) {
      pushFrame(current, stack, { func, file: null, line: null });
    }
    func = null;
  }

  function close(draft: Draft): RaceReport[] {
    if (draft === current) {
      enter(null, null);
      current = null;
    }
    open = open.filter(other => other !== draft);
    if (isReport(draft)) return [toReport(draft, true)];
    if (draft.exact) unparsed++;
    return [];
  }

  /** The report gets no more lines of its own, but a section that names it may still come if it lacks one. */
  function suspend(): RaceReport[] {
    if (current === null) return [];
    const draft: Draft = current;
    flushFunc();
    draft.closed = true;
    if (draft.accesses.length === 0 || isWhole(draft, true)) return close(draft);
    enter(null, null);
    current = null;
    return [];
  }

  function onAccess(token: GoToken & { type: 'access' }, line: LogLine): RaceReport[] {
    const done: RaceReport[] = [];
    flushFunc();
    let draft = current;
    if (token.previous) {
      const lacking = open.filter(candidate => candidate.accesses.length === 1);
      const same = lacking.find(candidate => candidate.accesses[0]?.address === token.address);
      if (same !== undefined && same !== current) {
        same.mixed = true;
        if (current !== null) current.mixed = true;
      }
      draft = same ?? current;
      if (draft !== null && same === undefined && draft.accesses.length === 1) draft.mixed = true;
      if (draft !== null && draft.accesses.length > 1) draft = null;
    } else if (draft !== null && draft.accesses.length > 0) {
      // A second first access: the marker between them was lost.
      done.push(...suspend());
      draft = null;
    }
    if (draft === null) draft = begin(newDraft('go', 'data race', line, false, false));
    current = draft;
    belongs(draft, line);
    if (token.torn) draft.torn = true;
    const { kind, previous, address, actor } = token;
    const found: Access = { kind, previous, address, actor, stack: [], lost: false, elided: false };
    // "Previous" without a first access: that one was lost, and what is left is still half a race.
    if (previous && draft.accesses.length === 0) draft.torn = true;
    draft.accesses.push(found);
    enter(found.stack, found);
    return done;
  }

  function onCreated(token: GoToken & { type: 'created' }, line: LogLine): void {
    flushFunc();
    const named = (draft: Draft): boolean =>
      draft.accesses.some(({ actor }) => actor === token.actor) &&
      !draft.creations.some(({ actor }) => actor === token.actor);
    const other = open.find(draft => draft !== current && named(draft));
    if (other !== undefined && !(current !== null && named(current))) {
      if (current !== null) current.mixed = true;
      other.mixed = true;
      current = other;
    }
    if (current === null) return;
    belongs(current, line);
    const creation = { actor: token.actor, state: token.state, stack: [] };
    current.creations.push(creation);
    enter(creation.stack, null);
  }

  function onFile(token: GoToken & { type: 'file' }, line: LogLine): void {
    if (current === null || stack === null) return;
    const { file, line: number } = token;
    if (func === null) {
      // Foreign text without a line break may have swallowed the beginning of the function's line.
      const name = lastForeign === null ? null : functionAtEnd(lastForeign);
      if (name === null && stack.length === 0 && current.foreignRun > 0) return;
      current.torn = true;
      func = name ?? '??';
    }
    belongs(current, line);
    pushFrame(current, stack, { func, file, line: number });
    func = null;
  }

  function onForeign(text: string): RaceReport[] {
    lastForeign = text;
    return [];
  }

  function age(): RaceReport[] {
    const done: RaceReport[] = [];
    for (const draft of open) {
      draft.foreignRun++;
      if (draft.accesses.length === 0) draft.waiting++;
      if (draft.foreignRun > MAX_FOREIGN_RUN || draft.waiting > MAX_LINES_TO_ACCESS || open.length > MAX_OPEN) {
        done.push(...close(draft));
      }
    }
    return done;
  }

  function take(line: LogLine): RaceReport[] {
    // Most lines are read while nothing is open; only these two can begin a report.
    if (open.length === 0 && !line.text.includes('DATA RACE') && !line.text.includes(' by')) return [];
    const token = goToken(line.text, stack !== null);
    if (token.type === 'blank') return [];
    if (token.type === 'marker') {
      const done = [...suspend(), ...age()];
      begin(newDraft('go', 'data race', line, true, token.exact));
      return done;
    }
    if (token.type === 'access') return onAccess(token, line);
    if (current === null && token.type !== 'created') return age();
    return within(token, line);
  }

  function within(token: Exclude<GoToken, { type: 'marker' | 'access' | 'blank' }>, line: LogLine): RaceReport[] {
    switch (token.type) {
      case 'delimiter':
        // Before the first access it is the line above the marker of another report, or a banner.
        return current !== null && current.accesses.length > 0 ? endAt(line) : [];
      case 'found':
        return suspend();
      case 'created':
        onCreated(token, line);
        return [];
      case 'actor':
        if (access === null || access.actor !== null || access.stack.length > 0) return onForeign(line.text);
        access.actor = token.actor;
        if (current !== null) belongs(current, line);
        return [];
      case 'location':
        if (current === null) return [];
        belongs(current, line);
        current.location = token.text;
        enter(token.stack ? [] : null, null);
        return [];
      case 'func':
        if (current !== null) {
          flushFunc();
          belongs(current, line);
          func = token.name;
          if (token.torn) current.torn = true;
        }
        return [];
      case 'file':
        onFile(token, line);
        return [];
      case 'lost':
        if (access !== null) access.lost = true;
        if (current !== null) belongs(current, line);
        return [];
      case 'elided':
        flushFunc();
        if (access !== null) access.elided = true;
        if (current !== null) belongs(current, line);
        return [];
      case 'offset':
        if (current !== null) belongs(current, line);
        return [];
      case 'dump':
        // A panic's goroutine dump has lines like a report's; nothing of the report follows it.
        enter(null, null);
        return age();
      case 'foreign':
        return [...onForeign(line.text), ...age()];
    }
  }

  function endAt(line: LogLine): RaceReport[] {
    if (current !== null) current.end = line.next;
    return suspend();
  }

  return {
    feed: take,
    finish: () => {
      flushFunc();
      return [...open].flatMap(close);
    },
    isOpen: () => open.length > 0,
    openSince: () => (open.length === 0 ? null : Math.min(...open.map(draft => draft.start))),
    unparsed: () => unparsed,
  };
}
