import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { z } from 'zod';
import { SignalboxError } from '../../errors.ts';
import { type GitLabApi, parseAnswer, projectId } from './gitlab-api.ts';

/** `full_path` from 17.1 on, `id` from 17.3 on. */
const uploadSchema = z.object({ url: z.string(), full_path: z.string().nullish(), id: z.number().nullish() });
export type Upload = z.infer<typeof uploadSchema>;

export interface NewUpload {
  name: string;
  type: string;
  /** Exactly so many bytes come; more or fewer end the upload with an error. */
  size: number;
  content: AsyncIterable<Uint8Array>;
}

const SLOWEST = 200 * 1024;

/** Files for descriptions and comments of a project. */
export function uploadCalls(api: GitLabApi) {
  return {
    /**
     * Sends a file while it is read; nothing of it is kept in memory. It is never sent twice: what fed it is used up. Nobody can ask
     * GitLab whether a file is there, so one whose answer got lost may be there without use.
     */
    create: async (project: string, file: NewUpload, signal?: AbortSignal): Promise<Upload> => {
      const path = `/projects/${projectId(project)}/uploads`;
      const { head, tail, type } = formAround(file);
      const answer = await api.http.send({
        method: 'POST',
        path,
        body: {
          stream: Readable.from(exactly(file, head, tail), { objectMode: false, highWaterMark: 128 * 1024 }),
          length: head.length + file.size + tail.length,
          type,
        },
        timeout: 60_000 + Math.ceil((file.size / SLOWEST) * 1000),
        signal,
      });
      return parseAnswer(uploadSchema, path, answer);
    },
  };
}

function formAround({ name, type }: NewUpload) {
  const boundary = `----signalbox${randomBytes(16).toString('hex')}`;
  // As browsers write it: quotes and line ends as percent codes, all else as UTF-8.
  const quoted = name.replace(
    /["\r\n]/g,
    character => `%${character.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase()}`,
  );
  const mediaType = /^[\w.+-]+\/[\w.+-]+$/.test(type) ? type : 'application/octet-stream';
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${quoted}"\r\nContent-Type: ${mediaType}\r\n\r\n`;
  return {
    head: Buffer.from(head),
    tail: Buffer.from(`\r\n--${boundary}--\r\n`),
    type: `multipart/form-data; boundary=${boundary}`,
  };
}

async function* exactly({ size, content }: NewUpload, head: Buffer, tail: Buffer): AsyncGenerator<Uint8Array> {
  yield head;
  let sent = 0;
  for await (const chunk of content) {
    sent += chunk.length;
    if (sent > size)
      throw new SignalboxError('SBX_REMOTE_UNEXPECTED', `a file is longer than the ${size} bytes it was said to have`);
    yield chunk;
  }
  if (sent < size)
    throw new SignalboxError('SBX_REMOTE_UNREACHABLE', `a file broke off after ${sent} of ${size} bytes`);
  yield tail;
}
