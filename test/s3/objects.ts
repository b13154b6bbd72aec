import { createHash, randomUUID } from 'node:crypto';
import { crc32 } from 'node:zlib';

export interface StoredObject {
  bytes: Buffer;
  etag: string;
  /** `x-amz-meta-…` and the like, to be given back. */
  headers: Record<string, string>;
  changedAt: Date;
}

interface Part {
  bytes: Buffer;
  etag: string;
}

interface PartsUpload {
  key: string;
  headers: Record<string, string>;
  parts: Map<number, Part>;
  begunAt: Date;
}

/** An answer that is an error: `<Code>` of the XML, and the status. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string) {
    super(code);
    this.status = status;
    this.code = code;
  }
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

const SMALLEST_PART = 5 * 1024 * 1024;
const LARGEST_METADATA = 2048;

/** The objects of one bucket, with the rules of S3 about what may be put and when. */
export class Objects {
  readonly all = new Map<string, StoredObject>();
  readonly uploads = new Map<string, PartsUpload>();
  /** For a server that has never heard of conditional writes. */
  ignoresConditions = false;

  put(key: string, bytes: Buffer, headers: Headers): StoredObject {
    assertIntact(bytes, headers);
    this.#assertCondition(key, headers);
    const object = { bytes, etag: etagOf([bytes]), headers: kept(headers), changedAt: new Date() };
    this.all.set(key, object);
    return object;
  }

  begin(key: string, headers: Headers): string {
    const id = randomUUID();
    this.uploads.set(id, { key, headers: kept(headers), parts: new Map(), begunAt: new Date() });
    return id;
  }

  putPart(key: string, id: string, number: number, bytes: Buffer, headers: Headers): Part {
    const upload = this.#upload(key, id);
    if (!(number >= 1 && number <= 10_000)) throw new Refusal(400, 'InvalidArgument');
    assertIntact(bytes, headers);
    const part = { bytes, etag: etagOf([bytes]) };
    upload.parts.set(number, part);
    return part;
  }

  complete(
    key: string,
    id: string,
    wanted: readonly { number: number; etag: string }[],
    headers: Headers,
  ): StoredObject {
    const upload = this.#upload(key, id);
    this.#assertCondition(key, headers);
    if (wanted.length === 0) throw new Refusal(400, 'MalformedXML');
    const parts = wanted.map(({ number, etag }, at) => {
      if (at > 0 && number <= wanted[at - 1]!.number) throw new Refusal(400, 'InvalidPartOrder');
      const part = upload.parts.get(number);
      if (!part || part.etag !== etag) throw new Refusal(400, 'InvalidPart');
      if (at < wanted.length - 1 && part.bytes.length < SMALLEST_PART) throw new Refusal(400, 'EntityTooSmall');
      return part.bytes;
    });
    const object = { bytes: Buffer.concat(parts), etag: etagOf(parts), headers: upload.headers, changedAt: new Date() };
    this.all.set(key, object);
    this.uploads.delete(id);
    return object;
  }

  abort(key: string, id: string): void {
    this.#upload(key, id);
    this.uploads.delete(id);
  }

  get(key: string): StoredObject {
    const object = this.all.get(key);
    if (!object) throw new Refusal(404, 'NoSuchKey');
    return object;
  }

  #upload(key: string, id: string): PartsUpload {
    const upload = this.uploads.get(id);
    if (upload?.key !== key) throw new Refusal(404, 'NoSuchUpload');
    return upload;
  }

  #assertCondition(key: string, headers: Headers): void {
    const condition = headers['if-none-match'];
    if (condition === undefined || this.ignoresConditions) return;
    if (condition !== '*') throw new Refusal(501, 'NotImplemented');
    if (this.all.has(key)) throw new Refusal(412, 'PreconditionFailed');
  }
}

/** A digest that is announced and not kept is refused; one that is promised and not there as well. */
function assertIntact(bytes: Buffer, headers: Headers): void {
  const expected: [string, () => string][] = [
    ['content-md5', () => createHash('md5').update(bytes).digest('base64')],
    ['x-amz-checksum-sha256', () => createHash('sha256').update(bytes).digest('base64')],
    ['x-amz-checksum-crc32', () => crc32Of(bytes)],
  ];
  for (const [name, digest] of expected)
    if (headers[name] !== undefined && headers[name] !== digest()) throw new Refusal(400, 'BadDigest');
  const promised = headers['x-amz-sdk-checksum-algorithm'];
  if (promised !== undefined && headers[`x-amz-checksum-${String(promised).toLowerCase()}`] === undefined)
    throw new Refusal(400, 'InvalidRequest');
}

function crc32Of(bytes: Buffer): string {
  const value = Buffer.alloc(4);
  value.writeUInt32BE(crc32(bytes));
  return value.toString('base64');
}

function kept(headers: Headers): Record<string, string> {
  const mine = Object.entries(headers).filter(([name]) => name.startsWith('x-amz-meta-') || name === 'content-type');
  const metadata = mine
    .filter(([name]) => name.startsWith('x-amz-meta-'))
    .reduce((sum, [name, value]) => sum + name.length - 11 + String(value).length, 0);
  if (metadata > LARGEST_METADATA) throw new Refusal(400, 'MetadataTooLarge');
  return Object.fromEntries(mine.map(([name, value]) => [name, String(value)]));
}

/** Of several parts the digest over their digests, with their number. */
function etagOf(parts: readonly Buffer[]): string {
  const digests = parts.map(part => createHash('md5').update(part).digest());
  if (digests.length === 1) return `"${digests[0]!.toString('hex')}"`;
  return `"${createHash('md5').update(Buffer.concat(digests)).digest('hex')}-${digests.length}"`;
}
