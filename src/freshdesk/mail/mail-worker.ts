import { parentPort, workerData } from 'node:worker_threads';
import { type Conversion, convertMail, convertToFence, imagesOf } from './convert-mail.ts';
import type { ConvertedMail, Fallback, InlineImage, MailSource, Redaction, UploadedImage } from './mail-types.ts';
import { countsOf, createRedactor, redactText } from './redact-text.ts';

/** What the worker is asked. One request at a time: who asks holds the rest, and ends the worker that takes too long. */
export type MailRequest =
  | { do: 'convert'; source: MailSource; uploads: ReadonlyMap<string, UploadedImage | null> }
  | { do: 'fence'; source: MailSource; why: Fallback }
  | { do: 'images'; html: string }
  | { do: 'redact'; text: string };

export interface MailResults {
  convert: ConvertedMail;
  fence: ConvertedMail;
  images: InlineImage[];
  redact: { text: string; redactions: readonly Redaction[] };
}

export type MailAnswer = { ready: true } | { result: MailResults[keyof MailResults] } | { error: string };

const port = parentPort;
if (!port) throw new Error('freshdesk/mail/mail-worker.ts runs as a worker thread only');
const conversion = workerData as Conversion;

function answer(request: MailRequest): MailResults[keyof MailResults] {
  switch (request.do) {
    case 'convert':
      return convert(request.source, request.uploads);
    case 'fence':
      return convertToFence(request.source, request.why, conversion);
    case 'images':
      return imagesOf(request.html, conversion);
    case 'redact': {
      const counts = new Map<string, number>();
      const text = redactText(request.text, createRedactor(conversion.rules, counts));
      return { text, redactions: countsOf(counts) };
    }
  }
}

function convert(source: MailSource, uploads: ReadonlyMap<string, UploadedImage | null>): ConvertedMail {
  try {
    return convertMail(source, uploads, conversion);
  } catch (error) {
    return convertToFence(source, error instanceof RangeError ? 'too deep' : 'failed', conversion);
  }
}

port.on('message', (request: MailRequest) => {
  try {
    port.postMessage({ result: answer(request) } satisfies MailAnswer);
  } catch (error) {
    port.postMessage({ error: String(error) } satisfies MailAnswer);
  }
});
port.postMessage({ ready: true } satisfies MailAnswer);
