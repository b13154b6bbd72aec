import { SignalboxError } from '../../errors.ts';

interface ServiceFault {
  name?: string;
  code?: string;
  $metadata?: { httpStatusCode?: number };
}

/** Whether the answer was that there is no such object; a bucket that is missing is another matter. */
export function isMissing(error: unknown): boolean {
  const { name, $metadata } = error as ServiceFault;
  return name !== 'NoSuchBucket' && $metadata?.httpStatusCode === 404;
}

const DISK = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'EACCES', 'EPERM', 'ENOENT', 'EMFILE', 'ENFILE']);

/** Whether it was this machine's disk that failed, and not the bucket. */
export function isOfDisk(error: unknown): boolean {
  return DISK.has((error as ServiceFault).code ?? '');
}

/**
 * A fault of the bucket in the words of the table. What the server says besides its code stays out of it, and so does the
 * client's own error: both carry the request with its key and signature.
 */
export function asBucketError(what: string, cause: unknown): SignalboxError {
  if (cause instanceof SignalboxError) return cause;
  const { name, code, $metadata } = cause as ServiceFault;
  const status = $metadata?.httpStatusCode;
  const detail = `${what}: ${code ?? name ?? 'no answer'}${status === undefined ? '' : ` (${status})`}`;
  // 4xx says that asking again is of no use; 408 and 429 do not, nor 409, which is about something that went on at the same time.
  const refused =
    status !== undefined &&
    (status === 501 || status === 301 || (status >= 400 && status < 500)) &&
    ![408, 409, 429].includes(status);
  return new SignalboxError(refused ? 'SBX_ARTIFACTS_REFUSED' : 'SBX_ARTIFACTS_UNREACHABLE', detail);
}
