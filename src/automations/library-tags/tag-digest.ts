import { HEX } from '../../git-protocol/pkt-line.ts';
import type { TagFact } from './snapshot.ts';

/** What is kept of a remote's tags. */
export interface DigestedTags {
  tags: TagFact[];
  /** Of each group that was cut, the lowest release kept: below it, some are missing. See `Snapshot.cutBelow`. */
  cutBelow: string[];
}

/** Kept of each group; more than the unmerged releases above the base of any sane library. */
const KEEP = 128;
/** Numbers up to here can be packed in pairs into one exact double. */
const SMALL = 2 ** 26;
/** Every number of so many digits is small. */
const SMALL_DIGITS = 7;

/** Where in the server's answer a tag stands; what `scanRefs` gives. */
export interface TagLine {
  bytes: Buffer;
  nameStart: number;
  nameEnd: number;
  peeledStart: number;
  oidLength: number;
}

/**
 * The releases of one prefix and major that may be dropped again: neither strings nor records are made of them yet, because
 * 50,000 records are collected as garbage for longer than they are looked at.
 */
interface Group {
  /** `sub/v1` */
  key: string;
  /** How its names begin in the list, with the space before them: ` refs/tags/sub/v1.` */
  start: Buffer;
  startWords: Int32Array;
  /** From here to `end` they are kept, the lowest first. */
  begin: number;
  end: number;
  /** Releases not above this order are dropped. */
  floor: number;
  orders: Float64Array;
  /** The answer's piece that each stands in. */
  pieces: Buffer[];
  /** Where in it the id is that each points at. */
  ids: Int32Array;
}

const FIRST_ROOM = 64;

/**
 * Keeps of 50,000 tags the few hundred that can matter for the update of a default branch, while the list arrives: the highest
 * releases of every prefix and major, whatever points at the commit, and every name that is not a plain release. That a
 * higher number cannot have been dropped is what makes it exact: a base among the kept ones is the base, and every
 * number above it is known. Where no base is among them, `decide` refuses and the caller lists again without a digest.
 *
 * Why: 50,000 records of parsed versions cost 100 MB and 200 ms, which is most of what tagging costs at all.
 */
export class TagDigest {
  readonly #commit: string;
  /** Its first four digits. */
  readonly #firstWord: number;
  readonly #keep: number;
  readonly #groups = new Map<string, Group>();
  readonly #others: TagFact[] = [];
  /** The group that took the last line. */
  #last: Group | null = null;

  constructor(commit: string, keep: number = KEEP) {
    this.#commit = commit;
    this.#firstWord = Buffer.from(commit).readInt32BE();
    this.#keep = keep;
  }

  /** Takes one line of the list; `line.nameStart` is where `refs/tags/` begins. */
  add(line: TagLine): void {
    const start = line.nameStart + REFS_TAGS.length;
    const order = this.#orderOf(line.bytes, start, line.nameEnd);
    const group = this.#last;
    if (order === null || group === null || this.#points(line.bytes, line.peeledStart)) {
      this.#others.push(toFact({ ...line, nameStart: start }));
      return;
    }
    if (order > group.floor) put(group, order, line.bytes, line.peeledStart, this.#keep);
  }

  /**
   * Takes the lines from `at` on as they come from the server, as long as they are plain releases of the last group, and returns
   * where the first other one begins. All in one loop, because of 50,000 lines nearly all are such, and calling a few small
   * functions for each costs more than the rest of a run: they are not called often enough for their compilation to pay.
   */
  addRun(bytes: Buffer, at: number): number {
    const group = this.#last;
    if (group === null) return at;
    const { start, startWords } = group;
    const oidLength = this.#commit.length;
    const firstOfCommit = this.#firstWord;
    const toStart = 4 + oidLength;
    const toNumbers = toStart + start.length;
    const lastWord = startWords.length - 1;
    const available = bytes.length;
    // Four bytes at once, wherever they stand.
    const words = new DataView(bytes.buffer, bytes.byteOffset, available);
    let line = at;
    for (;;) {
      // Four digits of length: such a line has between 16 and 255 bytes.
      if (line + toNumbers >= available || bytes[line] !== ZERO || bytes[line + 1] !== ZERO) return line;
      const end = line + HEX[bytes[line + 2]!]! * 16 + HEX[bytes[line + 3]!]!;
      if (end > available || bytes[end - 1] !== NEWLINE) return line;
      const numbers = line + toNumbers;
      let place = line + toStart;
      for (let word = 0; word < lastWord; word++, place += 4) {
        if (words.getInt32(place) !== startWords[word]) return line;
      }
      if (words.getInt32(numbers - 4) !== startWords[lastWord]) return line;
      place = numbers;
      let code = bytes[place]!;
      if (code < ZERO || code > NINE) return line;
      let minor = code - ZERO;
      code = bytes[++place]!;
      // A zero in front of other digits makes it no version.
      while (minor > 0 && code >= ZERO && code <= NINE) {
        minor = minor * 10 + code - ZERO;
        code = bytes[++place]!;
      }
      if (code !== DOT || place - numbers > SMALL_DIGITS) return line;
      const second = ++place;
      code = bytes[place]!;
      if (code < ZERO || code > NINE) return line;
      let patch = code - ZERO;
      code = bytes[++place]!;
      while (patch > 0 && code >= ZERO && code <= NINE) {
        patch = patch * 10 + code - ZERO;
        code = bytes[++place]!;
      }
      if (place - second > SMALL_DIGITS) return line;
      let peeledStart = line + 4;
      if (code === SPACE) {
        peeledStart = place + PEELED.length;
        if (peeledStart + oidLength + 1 !== end) return line;
        if (words.getInt32(place) !== PEELED_WORDS[0] || words.getInt32(place + 4) !== PEELED_WORDS[1]) return line;
      } else if (place + 1 !== end) return line;
      // Whether it is the commit's own is for `add` to see.
      if (words.getInt32(peeledStart) === firstOfCommit && this.#points(bytes, peeledStart)) return line;
      const order = minor * SMALL + patch;
      if (order > group.floor) put(group, order, bytes, peeledStart, this.#keep);
      line = end;
    }
  }

  /** What is left; the digest can take more afterwards. */
  result(): DigestedTags {
    const tags = [...this.#others];
    const cutBelow: string[] = [];
    for (const group of this.#groups.values()) {
      for (let at = group.begin; at < group.end; at++) tags.push(factAt(group, at, this.#commit.length));
      if (group.floor >= 0) cutBelow.push(factAt(group, group.begin, this.#commit.length).name);
    }
    return { tags, cutBelow };
  }

  /** Minor and patch as one number, and the tag's group in `#last`; null for what is no plain release of small numbers. */
  #orderOf(bytes: Buffer, from: number, end: number): number | null {
    let start = end;
    while (start > from && bytes[start - 1] !== SLASH) start--;
    if (bytes[start] !== LETTER_V) return null;
    let dots = 0;
    let majorEnd = 0;
    let minor = 0;
    let value = -1;
    for (let at = start + 1; at < end; at++) {
      const code = bytes[at]!;
      if (code >= ZERO && code <= NINE) {
        if (value === 0 || value >= SMALL) return null;
        value = value < 0 ? code - ZERO : value * 10 + code - ZERO;
      } else if (code === DOT && value >= 0 && dots < 2) {
        if (dots === 0) majorEnd = at;
        else minor = value;
        dots += 1;
        value = -1;
      } else return null;
    }
    if (dots !== 2 || value < 0 || value >= SMALL || minor >= SMALL) return null;
    this.#enter(bytes, from, majorEnd);
    return minor * SMALL + value;
  }

  /** Makes the group of `sub/v1` the last one; lists are sorted, so it mostly is already. */
  #enter(bytes: Buffer, start: number, end: number): void {
    const last = this.#last?.key ?? '';
    let same = 0;
    if (last.length === end - start) while (same < last.length && last.charCodeAt(same) === bytes[start + same]) same++;
    if (same === end - start) return;
    const key = bytes.toString('latin1', start, end);
    let group = this.#groups.get(key);
    if (!group) {
      group = emptyGroup(key);
      this.#groups.set(key, group);
    }
    this.#last = group;
  }

  /** Whether the id that begins here is the commit's. */
  #points(bytes: Buffer, peeledStart: number): boolean {
    const { length } = this.#commit;
    for (let i = 0; i < length; i++) if (bytes[peeledStart + i] !== this.#commit.charCodeAt(i)) return false;
    return true;
  }
}

const REFS_TAGS = 'refs/tags/';
const SLASH = 0x2f;
const LETTER_V = 0x76;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const SPACE = 0x20;
const NEWLINE = 0x0a;
const PEELED = ' peeled:';
const PEELED_WORDS = wordsOf(Buffer.from(PEELED));

/** A text in words of four bytes, the last of which begins inside the one before it where the length asks for that. */
function wordsOf(text: Buffer): Int32Array {
  const count = Math.ceil(text.length / 4);
  return Int32Array.from({ length: count }, (_none, at) => text.readInt32BE(Math.min(at * 4, text.length - 4)));
}

function toFact({ bytes, nameStart, nameEnd, peeledStart, oidLength }: TagLine): TagFact {
  return {
    name: bytes.toString('utf8', nameStart, nameEnd),
    peeled: bytes.toString('latin1', peeledStart, peeledStart + oidLength),
  };
}

function factAt({ start, orders, pieces, ids }: Group, at: number, oidLength: number): TagFact {
  const order = orders[at]!;
  return {
    name: `${start.toString('utf8', REFS_TAGS.length + 1)}${Math.floor(order / SMALL)}.${order % SMALL}`,
    peeled: pieces[at]!.toString('latin1', ids[at]!, ids[at]! + oidLength),
  };
}

function emptyGroup(key: string): Group {
  const start = Buffer.from(` ${REFS_TAGS}${key}.`, 'latin1');
  return {
    key,
    start,
    startWords: wordsOf(start),
    begin: 0,
    end: 0,
    floor: -1,
    orders: new Float64Array(FIRST_ROOM),
    pieces: [],
    ids: new Int32Array(FIRST_ROOM),
  };
}

/** Takes a release that is above the floor. Lists are sorted, though not by numbers: most are the highest so far. */
function put(group: Group, order: number, bytes: Buffer, id: number, keep: number): void {
  if (group.end === group.orders.length) makeRoom(group);
  const { begin, orders, pieces, ids } = group;
  let at = group.end++;
  for (; at > begin && orders[at - 1]! > order; at--) {
    orders[at] = orders[at - 1]!;
    pieces[at] = pieces[at - 1]!;
    ids[at] = ids[at - 1]!;
  }
  orders[at] = order;
  pieces[at] = bytes;
  ids[at] = id;
  if (group.end - begin <= keep) return;
  group.floor = orders[begin]!;
  group.begin = begin + 1;
}

/** Moves to the front what is kept, or, where that gives little room, makes twice as much. */
function makeRoom(group: Group): void {
  const { begin, end, orders, pieces, ids } = group;
  const room = orders.length;
  if (begin < room / 2) {
    group.orders = new Float64Array(room * 2);
    group.ids = new Int32Array(room * 2);
  }
  for (let at = begin; at < end; at++) {
    group.orders[at - begin] = orders[at]!;
    group.ids[at - begin] = ids[at]!;
    pieces[at - begin] = pieces[at]!;
  }
  group.begin = 0;
  group.end = end - begin;
}
