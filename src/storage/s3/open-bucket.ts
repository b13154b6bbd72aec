import { createHash, hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { SignalboxError } from '../../errors.ts';
import { asBucketError, isMissing, isOfDisk } from './bucket-errors.ts';

export interface BucketOptions {
  /** Of a server that speaks S3; Amazon's without. */
  endpoint: string | undefined;
  region: string;
  bucket: string;
  /** Before every key; empty, or with a slash at its end. */
  prefix: string;
  /** The bucket's name in the path and not in the host name. */
  pathStyle: boolean;
  accessKey: string;
  secretKey: string;
}

/** An object and what was said of it when it was put there. */
interface Facts {
  /** bytes */
  size: number;
  /** 64 hexadecimal digits. */
  sha256: string;
}

/** Of an artifact in parts, bytes; so many of them lie in memory for each upload. */
const PART = 8 * 1024 * 1024;
const PARTS_AT_ONCE = 2;
/** S3 takes 10,000. */
const MOST_PARTS = 9000;
/** Of a request and of a download, together. */
const TRIES = 4;
const CONNECT_WITHIN = 5000;
/** Without a byte, ms. */
const SILENCE = 30_000;
/** More is no text of ours. */
const LARGEST_TEXT = 1024 * 1024;

/**
 * A bucket of S3, or of a server that speaks it. Every new object is put with `If-None-Match: *`, so that it can be tried again
 * without looking first: when the answer to a first try was lost, the second says that something is there, and a look tells what.
 */
export function openBucket(options: BucketOptions) {
  const { bucket: Bucket, prefix } = options;
  const client = new S3Client({
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
    region: options.region,
    forcePathStyle: options.pathStyle,
    credentials: { accessKeyId: options.accessKey, secretAccessKey: options.secretKey },
    maxAttempts: TRIES,
    requestHandler: { connectionTimeout: CONNECT_WITHIN, requestTimeout: SILENCE },
    // We send SHA-256 with all that we put; trailers with more are not known to every server.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });

  async function head(key: string): Promise<Facts | null> {
    try {
      const { ContentLength, Metadata } = await client.send(new HeadObjectCommand({ Bucket, Key: prefix + key }));
      return { size: ContentLength ?? -1, sha256: Metadata?.['sha256'] ?? '' };
    } catch (error) {
      if (isMissing(error)) return null;
      throw asBucketError('head', error);
    }
  }

  /** What a failed try has left behind decides whether it has failed. */
  async function settle(key: string, facts: Facts, failure: unknown): Promise<void> {
    if (failure instanceof SignalboxError) throw failure;
    const there = await head(key).catch(() => undefined);
    if (!there) throw asBucketError('put', failure);
    if (there.size === facts.size && there.sha256 === facts.sha256) return;
    throw new SignalboxError('SBX_ARTIFACT_CONFLICT', `${prefix}${key}`);
  }

  async function putText(key: string, text: string, IfNoneMatch: '*' | undefined): Promise<void> {
    const Body = Buffer.from(text);
    const sha256 = hash('sha256', Body, 'buffer');
    const facts = { size: Body.length, sha256: sha256.toString('hex') };
    const what = {
      Body,
      ContentType: 'application/json',
      ChecksumSHA256: sha256.toString('base64'),
      Metadata: metadataOf(facts),
    };
    try {
      await client.send(new PutObjectCommand({ Bucket, Key: prefix + key, ...what, IfNoneMatch }));
    } catch (error) {
      await settle(key, facts, error);
    }
  }

  async function download(key: string, file: string): Promise<Facts | null> {
    const handle = await open(file, 'w', 0o640);
    try {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: prefix + key }));
      const sha256 = createHash('sha256');
      let size = 0;
      for await (const chunk of Body as Readable) {
        sha256.update(chunk as Buffer);
        size += (chunk as Buffer).length;
        await handle.writeFile(chunk as Buffer);
      }
      await handle.sync();
      return { size, sha256: sha256.digest('hex') };
    } finally {
      await handle.close();
    }
  }

  return {
    head,
    putText: (key: string, text: string) => putText(key, text, '*'),
    replaceText: (key: string, text: string) => putText(key, text, undefined),

    async putFile(key: string, file: string, facts: Facts & { md5: string }): Promise<void> {
      const upload = new Upload({
        client,
        params: {
          Bucket,
          Key: prefix + key,
          Body: Readable.from(unchanged(file, facts.sha256)),
          IfNoneMatch: '*',
          ChecksumAlgorithm: 'SHA256',
          ContentType: 'application/gzip',
          Metadata: metadataOf(facts),
        },
        partSize: Math.max(PART, Math.ceil(facts.size / MOST_PARTS)),
        queueSize: PARTS_AT_ONCE,
      });
      try {
        await upload.done();
      } catch (error) {
        await settle(key, facts, error);
      }
    },

    async readText(key: string): Promise<string | null> {
      try {
        const { Body, ContentLength } = await client.send(new GetObjectCommand({ Bucket, Key: prefix + key }));
        if ((ContentLength ?? 0) > LARGEST_TEXT) {
          (Body as Readable).destroy();
          return null;
        }
        return (await Body?.transformToString()) ?? null;
      } catch (error) {
        if (isMissing(error)) return null;
        throw asBucketError('get', error);
      }
    },

    async fetch(key: string, file: string): Promise<Facts | null> {
      for (let tries = 1; ; tries++) {
        try {
          return await download(key, file);
        } catch (error) {
          if (isMissing(error)) return null;
          if (isOfDisk(error)) throw error;
          // What breaks off on its way is not begun again by the client itself.
          if (tries >= TRIES) throw asBucketError('get', error);
        }
      }
    },

    async list(keyPrefix: string): Promise<{ key: string; size: number; changedAt: number }[]> {
      const all: { key: string; size: number; changedAt: number }[] = [];
      try {
        for await (const { Contents } of paginateListObjectsV2({ client }, { Bucket, Prefix: prefix + keyPrefix })) {
          for (const { Key, Size, LastModified } of Contents ?? [])
            all.push({
              key: (Key ?? '').slice(prefix.length),
              size: Size ?? 0,
              changedAt: LastModified?.getTime() ?? 0,
            });
        }
      } catch (error) {
        throw asBucketError('list', error);
      }
      return all;
    },

    async remove(key: string): Promise<void> {
      try {
        await client.send(new DeleteObjectCommand({ Bucket, Key: prefix + key }));
      } catch (error) {
        if (!isMissing(error)) throw asBucketError('delete', error);
      }
    },

    /** One page at a time: what is left is found by the next look. Not every server knows about it, and none has to. */
    async abortUnfinished(keyPrefix: string, before: number): Promise<void> {
      try {
        const { Uploads } = await client.send(new ListMultipartUploadsCommand({ Bucket, Prefix: prefix + keyPrefix }));
        for (const { Key, UploadId, Initiated } of Uploads ?? []) {
          if (!Initiated || Initiated.getTime() > before) continue;
          await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
        }
      } catch (error) {
        const failure = asBucketError('list uploads', error);
        if (failure.code !== 'SBX_ARTIFACTS_REFUSED') throw failure;
      }
    },

    close: () => client.destroy(),
  };
}

function metadataOf({ sha256, md5 }: Facts & { md5?: string }): Record<string, string> {
  return { sha256, ...(md5 === undefined ? {} : { md5 }) };
}

/** The bytes of a file, which fail at their end when they are not what was received: then the upload is not completed. */
async function* unchanged(file: string, sha256: string): AsyncGenerator<Buffer> {
  const digest = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024 })) {
    digest.update(chunk as Buffer);
    yield chunk as Buffer;
  }
  if (digest.digest('hex') !== sha256)
    throw new SignalboxError('SBX_RELEASE_NOT_STORED', 'the disk gave back other bytes');
}
