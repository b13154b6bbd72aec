import type { ErrorRow } from './error-row.ts';

/** Releases: receiving one, by PUT, form and tus. */
export const RELEASE_UPLOADS = {
  SBX_RELEASE_NOT_AUTHENTIC: {
    status: 401,
    title: 'The release credential is missing or not known',
    remedy:
      'Send one of the product’s credentials as `Authorization: Bearer …` (or the form field `secret` before the file); check the spelling of the product too.',
  },
  SBX_RELEASE_NOT_ALLOWED: {
    status: 403,
    title: 'The credential is not for this product',
    remedy: 'Use a credential that `releases.products` lists for this product.',
  },
  SBX_RELEASE_SECRET_IN_ADDRESS: {
    status: 400,
    title: 'The address carries something that looks like a secret',
    remedy:
      'Addresses end up in logs. Replace the secret, because it may have been logged on the way, and send the new one as `Authorization: Bearer …`.',
  },
  SBX_IDENTITY_UNAVAILABLE: {
    status: 503,
    title: 'The id_token cannot be checked now',
    remedy: 'GitLab’s signing keys cannot be read. Send it again later; check that this service reaches GitLab.',
  },
  SBX_RELEASE_METADATA_INVALID: {
    status: 422,
    title: 'The metadata of the release are not valid',
    remedy:
      'Correct the fields named in `errors`; `releases.products` says which ones this product has. In a form, only fields before the file count.',
  },
  SBX_RELEASE_DIGEST_MISMATCHED: {
    status: 400,
    title: 'The bytes that arrived are not those of the digest',
    remedy: 'Nothing was kept. Send it again; if it happens again, compute the digest anew from the file that is sent.',
    type: 'https://iana.org/assignments/http-problem-types#digest-mismatched-values',
  },
  SBX_RELEASE_DIGEST_INVALID: {
    status: 400,
    title: 'A digest is not written as it should be',
    remedy:
      'MD5 has 32 hexadecimal digits, SHA-256 has 64; `Repr-Digest` and `Content-MD5` carry base64: `Repr-Digest: sha-256=:…:`.',
    type: 'https://iana.org/assignments/http-problem-types#digest-invalid-values',
  },
  SBX_RELEASE_DIGEST_UNSUPPORTED: {
    status: 400,
    title: 'None of the digest algorithms is supported',
    remedy: 'Send `sha-256` or `md5`.',
    type: 'https://iana.org/assignments/http-problem-types#digest-unsupported-algorithms',
  },
  SBX_RELEASE_DIGEST_MISSING: {
    status: 428,
    title: 'The release comes without a digest',
    remedy:
      'Send `Repr-Digest: sha-256=:…:`, `X-Checksum-SHA256`, `Content-MD5` or, before the file, the form field `md5`; a product may demand SHA-256.',
  },
  SBX_RELEASE_LENGTH_MISSING: {
    status: 411,
    title: 'The length of the artifact is not declared',
    remedy: 'Send `Content-Length`; or, with chunks, announce the digest at the end: `Trailer: Repr-Digest`.',
  },
  SBX_RELEASE_TOO_LARGE: {
    status: 413,
    title: 'The artifact is too large',
    remedy: 'Raise `max_size` of the product, or make the artifact smaller.',
  },
  SBX_RELEASE_WRONG_TYPE: {
    status: 415,
    title: 'The body is not of a type that this address takes',
    remedy:
      'PUT takes the file itself, without Content-Encoding, as `application/gzip` or `application/octet-stream`; POST takes `multipart/form-data`, as `curl -F` sends it.',
  },
  SBX_RELEASE_NOT_A_TGZ: {
    status: 422,
    title: 'The artifact is not a gzip file',
    remedy: 'Pack it with: tar -czf FILE.tgz …',
  },
  SBX_RELEASE_TOO_SLOW: {
    status: 408,
    title: 'The upload is too slow or stands still',
    remedy: 'Check the connection; `min_rate` and `idle` of the product say how slow is too slow.',
  },
  SBX_RELEASE_BROKEN_OFF: {
    status: 400,
    title: 'The upload broke off',
    remedy: 'Nothing was kept. Send it again, or use the resumable upload at /v1/uploads.',
  },
  SBX_RELEASE_NO_SPACE: {
    status: 507,
    title: 'There is not enough space for the artifact',
    remedy:
      'Free space on the disk of `service.data_dir`, or let `retention` keep less. Nothing was kept of this upload.',
  },
  SBX_RELEASE_NOT_STORED: {
    status: 503,
    title: 'The artifact could not be stored',
    remedy: 'Send it again later. Check the health of the disk of `service.data_dir`.',
  },
  SBX_RELEASE_VERSION_EXISTS: {
    status: 409,
    title: 'This version exists already, with other bytes',
    remedy: 'A version is never overwritten. Release the changed artifact under a new version.',
  },
  SBX_RELEASE_OTHER_CHANNEL: {
    status: 409,
    title: 'This version exists already, for another line or environment',
    remedy:
      'Bring it there with: signalbox release promote. Sending the same bytes again releases nothing; a version belongs to one line.',
  },
  SBX_RELEASE_YANKED: {
    status: 410,
    title: 'This version was withdrawn',
    remedy: 'Release the corrected artifact under a new version.',
  },
  SBX_RELEASE_FORM_INVALID: {
    status: 400,
    title: 'The form cannot be read',
    remedy: 'Send it as `curl -F` does: `multipart/form-data` with a boundary, each field once, one part named `file`.',
  },
  SBX_RELEASE_FORM_ORDER: {
    status: 400,
    title: 'The file stands before other fields of the form',
    remedy: 'Put `-F file=@…` last: everything is checked before the first byte of the file is taken.',
  },
  SBX_RELEASE_KEY_INVALID: {
    status: 400,
    title: 'The Idempotency-Key is not written as it should be',
    remedy: 'Send 1 to 200 visible ASCII characters, best in double quotes.',
  },
  SBX_RELEASE_KEY_REUSED: {
    status: 422,
    title: 'The Idempotency-Key was used for another release',
    remedy: 'Use one key per release, for example "$CI_PIPELINE_ID/$PRODUCT/$VERSION".',
    type: 'urn:signalbox:problem:idempotency-mismatch',
  },
  SBX_RELEASE_KEY_IN_USE: {
    status: 409,
    title: 'A request with this Idempotency-Key is under way',
    remedy: 'Wait for it to end; its result is at the address in `Location`.',
  },
  SBX_RELEASE_TOO_MANY_UPLOADS: {
    status: 429,
    title: 'Too many uploads at once',
    remedy: 'Send it again after the time in `Retry-After`.',
  },
  SBX_SERVICE_STOPPING: {
    status: 503,
    title: 'The service is stopping',
    remedy: 'Send it again when it is back.',
  },
  SBX_RELEASE_FAILED: {
    status: 502,
    title: 'The release script has failed',
    remedy: 'Read its log with: signalbox release log PRODUCT VERSION',
  },
  SBX_RELEASE_TIMED_OUT: {
    status: 504,
    title: 'The release script took too long and was ended',
    remedy: 'Read its log; raise `timeout` of the product if it only needs more time.',
  },
  SBX_RELEASE_INTERRUPTED: {
    status: 503,
    title: 'The release script was interrupted',
    remedy: 'Ask for the release again: its state says whether it is run again or waits for a person.',
  },
  SBX_UPLOAD_NOT_FOUND: {
    status: 404,
    title: 'There is no such upload',
    remedy: 'Begin a new one with POST /v1/uploads.',
  },
  SBX_UPLOAD_EXPIRED: {
    status: 410,
    title: 'The upload has expired',
    remedy: 'Begin a new one with POST /v1/uploads; `upload_expires` of the product says how long one is kept.',
  },
  SBX_UPLOAD_OFFSET: {
    status: 409,
    title: 'The offset is not where the upload stands',
    remedy: 'Ask with HEAD where it stands, and go on from there.',
    type: 'https://iana.org/assignments/http-problem-types#mismatching-upload-offset',
  },
  SBX_UPLOAD_LENGTH: {
    status: 400,
    title: 'The length of the upload is not valid',
    remedy: 'Send the size of the whole file as `Upload-Length`, and never more bytes than that.',
    type: 'https://iana.org/assignments/http-problem-types#inconsistent-upload-length',
  },
  SBX_UPLOAD_CHECKSUM: {
    status: 460,
    title: 'A part of the upload is not as its checksum says',
    remedy: 'The part was not kept. Send it again from the same offset.',
  },
  SBX_UPLOAD_PROTOCOL: {
    status: 412,
    title: 'The request is not of a supported version of tus',
    remedy: 'Send `Tus-Resumable: 1.0.0`.',
  },
  SBX_UPLOAD_IN_USE: {
    status: 423,
    title: 'Another request is writing to this upload',
    remedy: 'It was asked to give way. Ask with HEAD where the upload stands, and go on from there.',
  },
} as const satisfies Record<string, ErrorRow>;
