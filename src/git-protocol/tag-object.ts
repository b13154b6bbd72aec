import { objectId } from './object-id.ts';

export interface Tagger {
  name: string;
  email: string;
  /** Seconds since the epoch. */
  seconds: number;
  /** `+0100`; `+0000` unless told. */
  zone?: string;
}

export interface TagContent {
  /** The commit that gets the tag, as a full object id. */
  commit: string;
  /** Without `refs/tags/`. */
  name: string;
  tagger: Tagger;
  /** As it is to stand in the object; git adds no newline of its own to what `git tag -F` reads. */
  message: string;
}

/** The bytes of an annotated tag object, equal to what `git tag -a -F - --cleanup=verbatim` writes. */
export function encodeTag(tag: TagContent): Buffer {
  if (!/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(tag.commit)) throw new TypeError('a tag needs a full commit id');
  if (!isTagName(tag.name)) throw new TypeError(`git does not allow the tag name ${JSON.stringify(tag.name)}`);
  const { name, email, seconds, zone } = tag.tagger;
  return Buffer.from(
    `object ${tag.commit}\ntype commit\ntag ${tag.name}\n` +
      `tagger ${cleanIdent(name)} <${cleanIdent(email)}> ${Math.floor(seconds)} ${zone ?? '+0000'}\n\n${tag.message}`,
  );
}

/** The id that the tag object will have. */
export function tagId(format: 'sha1' | 'sha256', bytes: Buffer): string {
  return objectId(format, 'tag', bytes);
}

/** Git's ident.c: no `<`, `>`, newline or NUL anywhere, and no dots, commas, quotes or control characters at the ends. */
function cleanIdent(text: string): string {
  return text
    .replace(/[<>\n\0]/g, '')
    .replace(/^[\0- .,:;"\\']+/, '')
    .replace(/[\0- .,:;"\\']+$/, '');
}

/** Whether `refs/tags/<name>` is a name that git allows: git-check-ref-format(1). */
export function isTagName(name: string): boolean {
  if (name === '' || name === '@' || name.endsWith('.') || /[\0- \x7f~^:?*[\\]|\.\.|@\{/.test(name)) return false;
  return (
    name.split('/').every(part => part !== '' && !part.startsWith('.') && !part.endsWith('.lock')) && name[0] !== '-'
  );
}
