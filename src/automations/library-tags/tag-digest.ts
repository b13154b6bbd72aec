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
/** A group is cut when it has this many times what is kept of it: rarely, because a cut sorts. */
const CUT_AT = 8;
/** Numbers up to here can be packed in pairs into one exact double. */
const SMALL = 2 ** 26;

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
  count: number;
  /** Releases not above this order are dropped. */
  floor: number;
  orders: Float64Array;
  /** The answer's piece that each stands in. */
  pieces: Buffer[];
  /** Where in it: `nameStart`, `nameEnd`, `peeledStart` of each, one after the other. */
  places: Int32Array;
}

/** The group that took the last line. */
interface Last {
  key: string;
  /** How its names begin in the list: `refs/tags/sub/v1.` */
  start: Buffer;
  group: Group;
}

const PLACES = 3;
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
  readonly #keep: number;
  readonly #groups = new Map<string, Group>();
  readonly #others: TagFact[] = [];
  #last: Last = { key: '', start: Buffer.alloc(0), group: emptyGroup() };

  constructor(commit: string, keep: number = KEEP) {
    this.#commit = commit;
    this.#keep = keep;
  }

  /** Takes one line of the list; `line.nameStart` is where `refs/tags/` begins. */
  add(line: TagLine): void {
    const start = line.nameStart + REFS_TAGS.length;
    const order = this.#orderOf(line.bytes, start, line.nameEnd);
    if (order === null || this.#points(line.bytes, line.peeledStart)) {
      this.#others.push(toFact({ ...line, nameStart: start }));
      return;
    }
    this.#put(order, line.bytes, start, line.nameEnd, line.peeledStart);
  }

  /**
   * Takes the lines from `at` on as they come from the server, as long as they are plain releases of the last group, and returns
   * where the first other one begins. All in one loop, because of 50,000 lines nearly all are such, and calling a few small
   * functions for each costs more than the rest of a run: they are not called often enough for their compilation to pay.
   */
  addRun(bytes: Buffer, at: number): number {
    const { start, group } = this.#last;
    const oidLength = this.#commit.length;
    const firstOfCommit = this.#commit.charCodeAt(0);
    const toName = 4 + oidLength + 1;
    const available = bytes.length;
    let line = at;
    for (;;) {
      // Four digits of length: such a line has between 16 and 255 bytes.
      if (line + toName + start.length >= available || bytes[line] !== ZERO || bytes[line + 1] !== ZERO) return line;
      const end = line + HEX[bytes[line + 2]!]! * 16 + HEX[bytes[line + 3]!]!;
      if (end > available || bytes[line + toName - 1] !== SPACE || bytes[end - 1] !== NEWLINE) return line;
      let place = line + toName;
      for (let same = 0; same < start.length; same++, place++) if (bytes[place] !== start[same]) return line;
      let minor = -1;
      let value = -1;
      let code = bytes[place]!;
      for (;;) {
        if (code >= ZERO && code <= NINE) {
          if (value === 0 || value >= SMALL) return line;
          value = value < 0 ? code - ZERO : value * 10 + code - ZERO;
        } else if (code === DOT && value >= 0 && minor < 0) {
          minor = value;
          value = -1;
        } else break;
        code = bytes[++place]!;
      }
      if (minor < 0 || value < 0 || minor >= SMALL || value >= SMALL) return line;
      let peeledStart = line + 4;
      if (code === SPACE) {
        peeledStart = place + PEELED.length + 1;
        if (bytes[place + 1] !== PEELED[0] || bytes[peeledStart - 1] !== PEELED[PEELED.length - 1]) return line;
        if (peeledStart + oidLength + 1 !== end) return line;
      } else if (place + 1 !== end) return line;
      // Whether it is the commit's own is for `add` to see.
      if (bytes[peeledStart] === firstOfCommit && this.#points(bytes, peeledStart)) return line;
      const order = minor * SMALL + value;
      if (order > group.floor) this.#put(order, bytes, line + toName + REFS_TAGS.length, place, peeledStart);
      line = end;
    }
  }

  #put(order: number, bytes: Buffer, start: number, end: number, peeledStart: number): void {
    const { group } = this.#last;
    if (order <= group.floor) return;
    const at = group.count;
    if (at === group.orders.length) grow(group);
    group.orders[at] = order;
    group.pieces[at] = bytes;
    group.places[at * PLACES] = start;
    group.places[at * PLACES + 1] = end;
    group.places[at * PLACES + 2] = peeledStart;
    group.count = at + 1;
    if (group.count >= this.#keep * CUT_AT) cut(group, this.#keep);
  }

  /** What is left; the digest can take more afterwards. */
  result(): DigestedTags {
    const tags = [...this.#others];
    const cutBelow: string[] = [];
    for (const group of this.#groups.values()) {
      if (group.count > this.#keep) cut(group, this.#keep);
      let lowest = 0;
      for (let at = 0; at < group.count; at++) {
        tags.push(factAt(group, at, this.#commit.length));
        if (group.orders[at]! < group.orders[lowest]!) lowest = at;
      }
      if (group.floor >= 0) cutBelow.push(factAt(group, lowest, this.#commit.length).name);
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
    const last = this.#last.key;
    let same = 0;
    if (last.length === end - start) while (same < last.length && last.charCodeAt(same) === bytes[start + same]) same++;
    if (same === end - start) return;
    const key = bytes.toString('latin1', start, end);
    let group = this.#groups.get(key);
    if (!group) {
      group = emptyGroup();
      this.#groups.set(key, group);
    }
    this.#last = { key, start: Buffer.from(`${REFS_TAGS}${key}.`, 'latin1'), group };
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
const PEELED = Buffer.from('peeled:');

function toFact({ bytes, nameStart, nameEnd, peeledStart, oidLength }: TagLine): TagFact {
  return {
    name: bytes.toString('utf8', nameStart, nameEnd),
    peeled: bytes.toString('latin1', peeledStart, peeledStart + oidLength),
  };
}

function factAt({ pieces, places }: Group, at: number, oidLength: number): TagFact {
  const [nameStart, nameEnd, peeledStart] = [0, 1, 2].map(place => places[at * PLACES + place]!) as [
    number,
    number,
    number,
  ];
  return toFact({ bytes: pieces[at]!, nameStart, nameEnd, peeledStart, oidLength });
}

function emptyGroup(): Group {
  return {
    count: 0,
    floor: -1,
    orders: new Float64Array(FIRST_ROOM),
    pieces: [],
    places: new Int32Array(FIRST_ROOM * PLACES),
  };
}

function grow(group: Group): void {
  const { orders, places } = group;
  group.orders = new Float64Array(orders.length * 2);
  group.orders.set(orders);
  group.places = new Int32Array(places.length * 2);
  group.places.set(places);
}

/** Drops all but the highest, in place. */
function cut(group: Group, keep: number): void {
  const sorted = group.orders.slice(0, group.count).sort();
  group.floor = sorted[group.count - keep - 1]!;
  let left = 0;
  for (let at = 0; at < group.count; at++) {
    const order = group.orders[at]!;
    if (order <= group.floor) continue;
    group.orders[left] = order;
    group.pieces[left] = group.pieces[at]!;
    group.places.copyWithin(left * PLACES, at * PLACES, (at + 1) * PLACES);
    left += 1;
  }
  group.count = left;
  group.pieces.length = left;
}
