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

/** A release that may be dropped again, so no strings are made of it yet. */
interface Kept {
  order: number;
  bytes: Buffer;
  nameStart: number;
  nameEnd: number;
  peeledStart: number;
  oidLength: number;
}

interface Group {
  kept: Kept[];
  /** Releases not above this order are dropped. */
  floor: number;
}

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
  #last: { key: string; group: Group } = { key: '', group: { kept: [], floor: -1 } };

  constructor(commit: string, keep: number = KEEP) {
    this.#commit = commit;
    this.#keep = keep;
  }

  /** Takes one line of the list; `line.nameStart` is where `refs/tags/` begins. */
  add(line: TagLine): void {
    const start = line.nameStart + REFS_TAGS.length;
    const order = this.#orderOf(line.bytes, start, line.nameEnd);
    if (order === null || this.#isHere(line)) {
      this.#others.push(toFact({ ...line, nameStart: start }));
      return;
    }
    const group = this.#last.group;
    if (order <= group.floor) return;
    const { bytes, nameEnd, peeledStart, oidLength } = line;
    group.kept.push({ order, bytes, nameStart: start, nameEnd, peeledStart, oidLength });
    if (group.kept.length >= this.#keep * CUT_AT) cut(group, this.#keep);
  }

  /** What is left; the digest can take more afterwards. */
  result(): DigestedTags {
    const tags = [...this.#others];
    const cutBelow: string[] = [];
    for (const group of this.#groups.values()) {
      if (group.kept.length > this.#keep) cut(group, this.#keep);
      for (const kept of group.kept) tags.push(toFact(kept));
      if (group.floor < 0) continue;
      cutBelow.push(toFact(group.kept.reduce((lowest, tag) => (tag.order < lowest.order ? tag : lowest))).name);
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
      group = { kept: [], floor: -1 };
      this.#groups.set(key, group);
    }
    this.#last = { key, group };
  }

  #isHere({ bytes, peeledStart, oidLength }: TagLine): boolean {
    for (let i = 0; i < oidLength; i++) if (bytes[peeledStart + i] !== this.#commit.charCodeAt(i)) return false;
    return true;
  }
}

const REFS_TAGS = 'refs/tags/';
const SLASH = 0x2f;
const LETTER_V = 0x76;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;

function toFact({ bytes, nameStart, nameEnd, peeledStart, oidLength }: TagLine): TagFact {
  return {
    name: bytes.toString('utf8', nameStart, nameEnd),
    peeled: bytes.toString('latin1', peeledStart, peeledStart + oidLength),
  };
}

function cut(group: Group, keep: number): void {
  const orders = new Float64Array(group.kept.length);
  for (let i = 0; i < orders.length; i++) orders[i] = group.kept[i]!.order;
  orders.sort();
  group.floor = orders[orders.length - keep - 1]!;
  group.kept = group.kept.filter(tag => tag.order > group.floor);
}
