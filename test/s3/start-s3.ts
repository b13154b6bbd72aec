import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Objects, Refusal } from './objects.ts';
import { checkSignature, type Keys } from './signature.ts';

/** Something that goes wrong with the next requests that match. */
export interface Fault {
  /** Of the request line: `PUT /artifacts/releases/…?partNumber=2`. */
  match: RegExp;
  /** How often; once unless told. */
  times?: number;
  /** The connection dies before the request is carried out, or after it; an error is answered instead; a download ends early, or has a wrong byte. */
  does: 'reset before' | 'reset after' | 'cut' | 'flip' | { status: number; code: string };
}

export interface S3Server {
  endpoint: string;
  bucket: string;
  keys: Keys;
  objects: Objects;
  /** The request lines in their order. */
  requests: string[];
  /** To be emptied by the requests that they match. */
  faults: Fault[];
  close(): Promise<void>;
}

const KEYS = { accessKey: 'AKIDTESTKEY', secretKey: 'a/secret+key/of-the-test-server' };
const BUCKET = 'artifacts';
/** Few, so that every listing has pages. */
const PAGE = 3;

/** A strict server for one bucket; see README.md. */
export async function startS3(): Promise<S3Server> {
  const objects = new Objects();
  const requests: string[] = [];
  const faults: Fault[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const line = `${request.method} ${request.url}`;
      requests.push(line);
      const fault = takeFault(faults, line);
      try {
        const body = await bytesOf(request);
        if (fault?.does === 'reset before') return void request.socket.destroy();
        if (typeof fault?.does === 'object') throw new Refusal(fault.does.status, fault.does.code);
        const answer = handle(objects, request, body);
        if (fault?.does === 'reset after') return void request.socket.destroy();
        send(response, spoilt(answer, fault), fault?.does === 'cut');
      } catch (error) {
        const refusal = error instanceof Refusal ? error : new Refusal(500, 'InternalError');
        send(response, {
          status: refusal.status,
          text: xml('Error', `<Code>${refusal.code}</Code><Message>refused</Message>`),
        });
      }
    })();
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    bucket: BUCKET,
    keys: KEYS,
    objects,
    requests,
    faults,
    close: async () => {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}

interface Answer {
  status: number;
  text?: string;
  bytes?: Buffer;
  headers?: Record<string, string>;
}

function handle(objects: Objects, request: IncomingMessage, body: Buffer): Answer {
  const signed = checkSignature(request, KEYS, Date.now());
  if (typeof signed === 'string') throw new Refusal(signed === 'InvalidRequest' ? 400 : 403, signed);
  if (signed.payload.startsWith('STREAMING-')) throw new Refusal(501, 'NotImplemented');
  if (signed.payload !== 'UNSIGNED-PAYLOAD' && signed.payload !== createHash('sha256').update(body).digest('hex'))
    throw new Refusal(400, 'XAmzContentSHA256Mismatch');
  const url = new URL(request.url ?? '/', 'http://s3');
  const [, bucket = '', ...rest] = url.pathname.split('/').map(decodeURIComponent);
  if (bucket !== BUCKET) throw new Refusal(404, 'NoSuchBucket');
  const key = rest.join('/');
  if (key === '') return handleBucket(objects, request.method ?? '', url.searchParams);
  return handleObject(objects, request, { key, query: url.searchParams, body });
}

function handleBucket(objects: Objects, method: string, query: URLSearchParams): Answer {
  if (method === 'HEAD') return { status: 200 };
  const prefix = query.get('prefix') ?? '';
  if (method === 'GET' && query.has('uploads')) {
    const found = [...objects.uploads].filter(([, upload]) => upload.key.startsWith(prefix));
    const list = found.map(
      ([id, { key, begunAt }]) =>
        `<Upload><Key>${key}</Key><UploadId>${id}</UploadId><Initiated>${begunAt.toISOString()}</Initiated></Upload>`,
    );
    return { status: 200, text: xml('ListMultipartUploadsResult', `<IsTruncated>false</IsTruncated>${list.join('')}`) };
  }
  if (method !== 'GET' || query.get('list-type') !== '2') throw new Refusal(501, 'NotImplemented');
  const behind = query.get('continuation-token') ?? '';
  const keys = [...objects.all.keys()].filter(key => key.startsWith(prefix) && key > behind).toSorted();
  const page = keys.slice(0, PAGE);
  const contents = page.map(key => {
    const { bytes, etag, changedAt } = objects.get(key);
    return `<Contents><Key>${key}</Key><LastModified>${changedAt.toISOString()}</LastModified><ETag>${etag}</ETag><Size>${bytes.length}</Size></Contents>`;
  });
  const more = keys.length > page.length ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : '';
  const head = `<IsTruncated>${more !== ''}</IsTruncated><KeyCount>${page.length}</KeyCount>${more}`;
  return { status: 200, text: xml('ListBucketResult', head + contents.join('')) };
}

function handleObject(
  objects: Objects,
  { method, headers }: IncomingMessage,
  { key, query, body }: { key: string; query: URLSearchParams; body: Buffer },
): Answer {
  const id = query.get('uploadId');
  if (method === 'PUT') {
    if (headers['content-length'] === undefined) throw new Refusal(411, 'MissingContentLength');
    if (id === null) return { status: 200, headers: { etag: objects.put(key, body, headers).etag } };
    const part = objects.putPart(key, id, Number(query.get('partNumber')), body, headers);
    const checksum = headers['x-amz-checksum-sha256'];
    return {
      status: 200,
      headers: { etag: part.etag, ...(checksum ? { 'x-amz-checksum-sha256': String(checksum) } : {}) },
    };
  }
  if (method === 'POST' && query.has('uploads')) {
    const begun = objects.begin(key, headers);
    return {
      status: 200,
      text: xml(
        'InitiateMultipartUploadResult',
        `<Bucket>${BUCKET}</Bucket><Key>${key}</Key><UploadId>${begun}</UploadId>`,
      ),
    };
  }
  if (method === 'POST' && id !== null) {
    const { etag } = objects.complete(key, id, partsOf(body.toString()), headers);
    return {
      status: 200,
      text: xml('CompleteMultipartUploadResult', `<Bucket>${BUCKET}</Bucket><Key>${key}</Key><ETag>${etag}</ETag>`),
    };
  }
  if (method === 'DELETE') {
    if (id === null) objects.all.delete(key);
    else objects.abort(key, id);
    return { status: 204 };
  }
  if (method !== 'GET' && method !== 'HEAD') throw new Refusal(501, 'NotImplemented');
  const object = objects.get(key);
  const facts = { ...object.headers, etag: object.etag, 'last-modified': object.changedAt.toUTCString() };
  if (method === 'HEAD') return { status: 200, headers: { ...facts, 'content-length': String(object.bytes.length) } };
  return { status: 200, bytes: object.bytes, headers: facts };
}

function partsOf(text: string): { number: number; etag: string }[] {
  return [...text.matchAll(/<Part>(.*?)<\/Part>/gs)].map(([, part = '']) => ({
    number: Number(/<PartNumber>(\d+)</.exec(part)?.[1]),
    etag: (/<ETag>(.*?)</.exec(part)?.[1] ?? '').replaceAll('&quot;', '"'),
  }));
}

function takeFault(faults: Fault[], line: string): Fault | undefined {
  const fault = faults.find(each => each.match.test(line));
  if (!fault) return undefined;
  fault.times = (fault.times ?? 1) - 1;
  if (fault.times === 0) faults.splice(faults.indexOf(fault), 1);
  return fault;
}

function spoilt(answer: Answer, fault: Fault | undefined): Answer {
  if (fault?.does !== 'flip' || !answer.bytes) return answer;
  const bytes = Buffer.from(answer.bytes);
  bytes[bytes.length >> 1]! ^= 1;
  return { ...answer, bytes };
}

function send(response: ServerResponse, { status, text, bytes, headers }: Answer, cut = false): void {
  const body = bytes ?? Buffer.from(text ?? '');
  response.writeHead(status, {
    'content-type': text === undefined ? 'application/octet-stream' : 'application/xml',
    ...(status === 204 ? {} : { 'content-length': body.length }),
    ...headers,
  });
  if (!cut) return void response.end(body);
  response.write(body.subarray(0, body.length >> 1), () => response.destroy());
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function xml(name: string, inner: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${name} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inner}</${name}>`;
}
