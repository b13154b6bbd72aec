/**
 * Every error a user can meet, in one table: the HTTP status, a title that never changes, and what to do about it.
 * From here they become problem+json, command-line text and a page in the docs.
 */
export const ERRORS = {
  // configuration
  SBX_CONFIG_NOT_FOUND: {
    status: 500,
    title: 'The configuration file cannot be read',
    remedy: 'Name it with --config FILE, or write a first one with: signalbox init',
  },
  SBX_CONFIG_INVALID: {
    status: 500,
    title: 'The configuration is not valid',
    remedy: 'Correct the lines named above; `signalbox config schema` prints a JSON Schema that editors complete from.',
  },
  SBX_CONFIG_NOT_WRITTEN: {
    status: 500,
    title: 'The configuration file cannot be written',
    remedy: 'Name another place with --config FILE; an existing file is replaced only with --force.',
  },
  SBX_CASES_INVALID: {
    status: 500,
    title: 'The file of cases is not valid',
    remedy: 'Correct the lines named above; docs/board.md and docs/version-check.md show how cases are written.',
  },
  SBX_WEBHOOK_SECRET_MISSING: {
    status: 500,
    title: 'No webhook secret is configured',
    remedy:
      'Set a secret at the webhook in GitLab and name it in gitlab.webhook.signing_tokens (GitLab 19 and newer) or gitlab.webhook.secret_tokens.',
  },
  SBX_SECRET_UNREADABLE: {
    status: 500,
    title: 'A secret cannot be read',
    remedy: 'Check that the file, environment variable or systemd credential exists, is not empty and may be read.',
  },

  // releases: running the script
  SBX_RELEASE_NOT_FOUND: {
    status: 404,
    title: 'There is no such release',
    remedy: 'List what there is with: signalbox release list --product PRODUCT',
  },
  SBX_RELEASE_ENVIRONMENT_UNKNOWN: {
    status: 422,
    title: 'The product has no such environment',
    remedy: 'Name one of those that releases.products lists for it.',
  },
  SBX_RELEASE_NOT_READY: {
    status: 409,
    title: 'The release was not released where it has to be before',
    remedy: 'Release it there first; `signalbox release show` lists its runs.',
  },
  SBX_RELEASE_RUN_OPEN: {
    status: 409,
    title: 'A run of this release has not ended yet',
    remedy: 'Wait for its end, which `signalbox release log --follow` shows, and ask again.',
  },
  SBX_RELEASE_REJECTED: {
    status: 410,
    title: 'The bytes of the release are gone or damaged',
    remedy: 'Upload it again under a new version.',
  },
  SBX_RELEASE_RUN_SUPERSEDED: {
    status: 409,
    title: 'A run of the release script was replaced while it ran',
    remedy: 'Nothing to do: another process has taken the run over; `signalbox release show` says how it went on.',
  },
  SBX_RELEASE_SCRIPT_NOT_STARTED: {
    status: 502,
    title: 'The release script could not be started',
    remedy:
      'Check that the script named in releases.products exists, and may be read and executed by the user of the service.',
  },

  // releases: receiving
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
    remedy: 'Correct the fields named in `errors`; `releases.products` says which ones this product has.',
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
      'Send `Repr-Digest: sha-256=:…:`, `X-Checksum-SHA256`, `Content-MD5` or the form field `md5`; a product may demand SHA-256.',
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

  // storage
  SBX_DATA_DIRECTORY_UNUSABLE: {
    status: 500,
    title: 'The data directory cannot be used',
    remedy:
      'Check that `service.data_dir` lies on a mounted, writable disk with room, and belongs to the user of the service; then start it again.',
  },
  SBX_DATA_DIRECTORY_IN_USE: {
    status: 500,
    title: 'Another signalbox process uses this data directory',
    remedy: 'End the other process, or give this one a `service.data_dir` of its own.',
  },
  SBX_DATABASE_DAMAGED: {
    status: 500,
    title: 'The database cannot be opened',
    remedy:
      'Nothing was changed. Keep a copy, and restore a backup (`signalbox restore`); where only the write-ahead log is damaged, moving `signalbox.db-wal` away loses its last transactions. Without a backup move `signalbox.db*` away to begin anew: the markers in GitLab keep effects from being repeated.',
  },

  SBX_DATABASE_TOO_NEW: {
    status: 500,
    title: 'The database belongs to a newer signalbox',
    remedy:
      'Run the newer version here, too, or restore the backup that was made before the update. Nothing was changed.',
  },
  SBX_DATABASE_UNWRITABLE: {
    status: 503,
    title: 'The database cannot be read or written',
    remedy:
      'The disk fails, is mounted read-only, or does not belong to the user of the service: the kernel’s log says which (`dmesg`). Then start the service again; what was acknowledged is kept.',
  },
  SBX_DATABASE_UNAVAILABLE: {
    status: 503,
    title: 'The database server does not answer',
    remedy:
      'Nothing is lost: work goes on by itself when it is back. Check that PostgreSQL runs, has connections left, and is no standby.',
  },
  SBX_DATABASE_REFUSED: {
    status: 500,
    title: 'The database server refuses the connection',
    remedy: 'Check user, password and database in the address that service.database names.',
  },
  SBX_DATABASE_FULL: {
    status: 503,
    title: 'The disk of the database is full',
    remedy: 'Make room on that disk; what was acknowledged is kept, and work goes on by itself.',
  },
  SBX_ARTIFACTS_ELSEWHERE: {
    status: 500,
    title: 'The artifacts of this database are kept in another place',
    remedy:
      'Let all processes with a `releases` section share one `service.artifacts: { directory: … }` on one machine, or leave the section out here. When the other place was given up for good, start again in a minute.',
  },
  SBX_ARTIFACTS_UNREACHABLE: {
    status: 503,
    title: 'The bucket of the artifacts does not answer',
    remedy:
      'Nothing is lost: send the same again when it is back; releases that wait for their script are tried again by themselves. `signalbox doctor` says what it answers.',
  },
  SBX_ARTIFACTS_REFUSED: {
    status: 500,
    title: 'The bucket of the artifacts refuses what is asked of it',
    remedy:
      'Check bucket, region and keys in service.artifacts.s3, and that the key may read, write, list and delete; `signalbox doctor` tries each.',
  },
  SBX_ARTIFACT_CONFLICT: {
    status: 409,
    title: 'Something else lies in the bucket where the artifact belongs',
    remedy:
      'Nothing was replaced. Find out who else writes under this prefix; one prefix belongs to one installation. Then send the release again.',
  },
  SBX_ARTIFACT_DAMAGED: {
    status: 500,
    title: 'The artifact in the bucket is not what was put there',
    remedy:
      'Its script is not run with it. Bring the object back from a version or backup of the bucket, or withdraw the release and send it under a new version.',
  },
  SBX_JOURNAL_BROKEN: {
    status: 409,
    title: 'The journal is not as it was written',
    remedy: 'Look at `signalbox journal --verify`, and find out who changed it, before it is moved or built upon.',
  },
  SBX_DATABASE_NOT_EMPTY: {
    status: 409,
    title: 'The database to move to is in use already',
    remedy: 'Name a new, empty database; what is in this one was left as it is.',
  },
  SBX_DATABASE_MOVE_DIFFERS: {
    status: 500,
    title: 'What arrived in the new database is not what was sent',
    remedy:
      'Nothing was changed: the old database is as it was, and nothing is in the new one. Check both disks, and try again.',
  },
  SBX_LEASE_LOST: {
    status: 409,
    title: 'Another process has taken the key over',
    remedy:
      'Nothing to do: this process stood still or could not reach the database for longer than a lease, and the other one goes on.',
  },
  SBX_BACKUP_NOT_WRITTEN: {
    status: 500,
    title: 'The backup was not written',
    remedy: 'Name a new directory on a disk with enough room, writable for this user; nothing of it was kept.',
  },
  SBX_BACKUP_INVALID: {
    status: 500,
    title: 'The backup is not whole',
    remedy: 'Nothing was changed. Restore another one; what is named above was lost or changed after it was written.',
  },
  SBX_RESTORE_WOULD_REPLACE: {
    status: 500,
    title: 'There is data already',
    remedy: 'Name an empty `service.data_dir`, or put what is there aside with --force.',
  },
  SBX_RESTORE_UNFINISHED: {
    status: 500,
    title: 'The restored data cannot be put in place',
    remedy:
      'Mend what is named above (rights, a full disk, a mounted directory), then start again: it goes on where it was. Nothing is lost; `restore.ready` in the data directory says what goes where.',
  },

  // intake of webhooks
  SBX_WEBHOOK_NOT_AUTHENTIC: {
    status: 401,
    title: 'The webhook request is not authentic',
    remedy: 'Set the same secret at the sender and in `webhook.signing_tokens` or `webhook.secret_tokens`.',
  },
  SBX_WEBHOOK_NOT_JSON: {
    status: 400,
    title: 'The webhook body is not JSON',
    remedy: 'Remove the custom webhook template, or make it produce a JSON object.',
  },
  SBX_WEBHOOK_TOO_LARGE: {
    status: 413,
    title: 'The webhook body is too large',
    remedy: 'GitLab sends at most 25 MB. Check what is sending to this address.',
  },
  SBX_WEBHOOK_ABORTED: {
    status: 400,
    title: 'The webhook request broke off',
    remedy: 'Nothing was stored. Check the proxy between the sender and this service.',
  },
  SBX_INTAKE_OVERLOADED: {
    status: 503,
    title: 'Too many deliveries wait for the disk',
    remedy: 'Send it again later. Check how fast the disk of `service.data_dir` writes.',
  },
  SBX_INTAKE_NOT_STORED: {
    status: 503,
    title: 'The delivery could not be stored',
    remedy:
      'Check the health of the disk of `service.data_dir`: the kernel’s log says what it does (`dmesg`). Deliveries are taken again by themselves when it writes again, and what was refused meanwhile is fetched.',
  },
  SBX_INTAKE_DISK_FULL: {
    status: 503,
    title: 'The disk has no room for deliveries',
    remedy:
      'Make room on the disk of `service.data_dir`: then deliveries are taken again by themselves, and what was refused meanwhile is fetched. What was acknowledged is kept.',
  },
  SBX_INTAKE_TOO_MUCH_AT_ONCE: {
    status: 503,
    title: 'Too many large deliveries arrive at once',
    remedy:
      'Send it again later. If nobody sends so much on purpose, find out who does; a reverse proxy that takes a body whole before it passes it on keeps slow senders away.',
  },
  SBX_TOO_MANY_CONNECTIONS: {
    status: 503,
    title: 'There are more connections than files may be open',
    remedy:
      'Raise the limit of open files (systemd: `LimitNOFILE=65536`, a shell: `ulimit -n`), and find out who opens so many; a reverse proxy in front bounds them.',
  },
  SBX_INTAKE_UNREADABLE: {
    status: 503,
    title: 'Acknowledged deliveries cannot be read',
    remedy:
      'The disk of `service.data_dir` fails: the kernel’s log says how (`dmesg`). They are kept, and read by themselves as soon as the disk allows it.',
  },

  SBX_INTAKE_LOG_DAMAGED: {
    status: 500,
    title: 'A part of the intake log is damaged',
    remedy:
      "The log line names the copy that was kept. Check the health of the disk; `signalbox replay` on the projects' `resync:` keys looks at what was lost.",
  },
  SBX_INTAKE_LOG_UNUSABLE: {
    status: 500,
    title: 'The intake log cannot be read',
    remedy:
      'Restore the file `intake/id` of `service.data_dir`, or move the directory `intake` away to begin anew without its deliveries.',
  },

  // the other side, as seen by our HTTP client
  SBX_REMOTE_UNREACHABLE: {
    status: 502,
    title: 'The other side cannot be reached',
    remedy: 'Nothing was sent. It is tried again by itself; check address, DNS, certificate and firewall if it lasts.',
  },
  SBX_REMOTE_UNCERTAIN: {
    status: 502,
    title: 'The other side did not answer to the end',
    remedy: 'Whether the call took effect is settled by looking; nothing needs to be done.',
  },
  SBX_REMOTE_UNAVAILABLE: {
    status: 502,
    title: 'The other side has trouble of its own',
    remedy: 'It is tried again by itself; look at the status of the other service if it lasts.',
  },
  SBX_REMOTE_THROTTLED: {
    status: 503,
    title: 'The other side asks to be called less often',
    remedy: 'It is tried again at the time it named. Raise the rate limit of the token if this is frequent.',
  },
  SBX_REMOTE_REFUSED: {
    status: 502,
    title: 'The other side refused the call',
    remedy: 'Read its message; most often the token lacks a role or a scope: run `signalbox doctor`.',
  },
  SBX_REMOTE_UNEXPECTED: {
    status: 502,
    title: 'The other side answered in a shape that is not understood',
    remedy: 'Check that the address is the service it should be, and its version; then report this.',
  },

  // effects
  SBX_EFFECT_UNCERTAIN: {
    status: 502,
    title: 'It is not known yet whether a change took effect',
    remedy: 'It is looked for again by itself before anything is repeated.',
  },

  // git over HTTP
  SBX_GIT_ANSWER_TOO_LARGE: {
    status: 502,
    title: 'A git server sends more than is taken into memory',
    remedy: 'Look for a huge file or a huge unmerged history behind a version tag of this repository.',
  },

  // library tags
  SBX_TAG_NOT_AUTHENTIC: {
    status: 401,
    title: 'The job’s id_token is missing or not genuine',
    remedy:
      'Give the job `id_tokens: { ID_TOKEN: { aud: … } }` with the address of this service (or `library_tags.keyless.audience`) as `aud`.',
  },
  SBX_TAG_NOT_ALLOWED: {
    status: 403,
    title: 'The pipeline may not have a version from this service',
    remedy:
      'List the project in `library_tags.projects`; protect the branch, or switch off `library_tags.keyless.ref_protected`.',
  },
  SBX_TAG_NOT_PERMITTED: {
    status: 403,
    title: 'The tag may not be created with this token',
    remedy: 'What has to be changed is said above; run it again afterwards, nothing was changed.',
  },
  SBX_TAG_CONTESTED: {
    status: 409,
    title: 'The tag could not be created after many tries',
    remedy: 'Run it again: it looks first, and goes on from what is there.',
  },
  SBX_TAG_NOT_PRINTABLE: {
    status: 500,
    title: 'A tag has a name that later jobs could not read',
    remedy:
      'Rename the directory of the module to letters, digits, dots, hyphens and underscores, or leave out --dotenv.',
  },

  // engine
  SBX_KEY_WITHOUT_AUTOMATION: {
    status: 404,
    title: 'No automation is switched on for this key',
    remedy: 'Check the spelling of the key, and that the configuration has the section of its automation.',
  },
  SBX_PRODUCT_NOT_CONFIGURED: {
    status: 404,
    title: 'There is no such product',
    remedy: 'Add it to releases.products in the configuration, or check the spelling.',
  },
  SBX_PROJECT_NOT_CONFIGURED: {
    status: 404,
    title: 'The project is not configured for this automation',
    remedy: 'Add it to the automation’s section of the configuration, or check the spelling.',
  },
  SBX_DELIVERY_NOT_FOUND: {
    status: 404,
    title: 'There is no such delivery',
    remedy: 'List deliveries with `signalbox journal`; old ones are removed after a while.',
  },
  SBX_KEY_NEVER_SEEN: {
    status: 404,
    title: 'Nothing is known about this key',
    remedy: 'Check the spelling, for example merge-request:group/project!12; `signalbox journal` lists recent keys.',
  },
  SBX_NOT_SIGNED_IN: {
    status: 401,
    title: 'Nobody is signed in',
    remedy: 'Sign in at /sign-in, or send `Authorization: Bearer …` with one of `service.api_tokens`.',
  },
  SBX_SIGN_IN_FAILED: {
    status: 403,
    title: 'The sign-in did not succeed',
    remedy: 'Try it again; docs/sign-in.md says who may come in, and what has to be set up in GitLab',
  },
  SBX_SIGN_IN_UNAVAILABLE: {
    status: 502,
    title: 'GitLab cannot be asked who signs in',
    remedy: 'Check that this machine reaches GitLab, and `application_id` and `secret` of `service.dashboard`',
  },
  SBX_CSRF_TOKEN_WRONG: {
    status: 403,
    title: 'The change does not come from our own page',
    remedy: 'Send the `csrf` of GET /v1/session as `X-Signalbox-CSRF`, or use a token instead of the session.',
  },
  SBX_TOO_MANY_FAILURES: {
    status: 429,
    title: 'Too many tries have failed',
    remedy:
      'Wait for the time in `Retry-After`, then send the right token or credential; until then none is looked at. If everybody is refused, name the reverse proxy in `service.trusted_proxies`.',
  },
  SBX_ROLE_TOO_LOW: {
    status: 403,
    title: 'This takes the role operator',
    remedy: 'Sign in as an operator, or use a token with `role: operator`.',
  },
  SBX_USERSCRIPT_NOT_BUILT: {
    status: 503,
    title: 'The Freshdesk button is not built',
    remedy: 'Build it in the directory of the service: npm run build:userscript',
  },
  SBX_DASHBOARD_NOT_BUILT: {
    status: 503,
    title: 'The dashboard is not there',
    remedy:
      'In a clone, build it with `npm run build:web`. In an installed package, install it again: files are missing.',
  },
  SBX_TOO_MANY_FOLLOWERS: {
    status: 503,
    title: 'Too many pages follow what happens',
    remedy: 'Close dashboards that nobody looks at; their browsers come again by themselves.',
  },
  SBX_ROUTE_NOT_FOUND: {
    status: 404,
    title: 'There is nothing at this address',
    remedy: 'Check the address and the method.',
  },
  SBX_REQUEST_INVALID: {
    status: 400,
    title: 'The request is not valid',
    remedy: 'Correct what is named in the detail.',
  },
  SBX_ADDRESS_IN_USE: {
    status: 500,
    title: 'The address to listen on is taken',
    remedy: 'End the other program, or change `service.listen`; port 0 takes any free one.',
  },
  SBX_SERVICE_NOT_RUNNING: {
    status: 503,
    title: 'The service does not answer',
    remedy: 'Start it with: signalbox serve',
  },
  SBX_BOARD_LABEL_MISSING: {
    status: 409,
    title: 'A column of the board has no label',
    remedy: 'Correct `columns`, or create the label: `signalbox doctor --fix` does.',
  },
  SBX_NOTHING_TO_UNDO: {
    status: 409,
    title: 'There is no move of ours to take back',
    remedy:
      'Only the newest move of an issue can be taken back, and only if signalbox made it; move the issue by hand.',
  },
  SBX_LOOK_FAILED: {
    status: 502,
    title: 'The look did not come to a result',
    remedy:
      'Read the detail; `signalbox explain KEY` shows what is known, and `signalbox doctor` checks the connection.',
  },
  SBX_USAGE: {
    status: 400,
    title: 'The command line is not right',
    remedy: 'See the help of the command: signalbox COMMAND --help',
  },
  // reading race reports out of logs
  SBX_SCAN_STATE_UNUSABLE: {
    status: 500,
    title: 'What earlier scans have read cannot be remembered',
    remedy:
      'Check that the state file and its folder may be written. If the file is damaged, move it away: logs are then read from their beginning; reports out of rotated logs may be counted once more.',
  },
  SBX_SCAN_INCOMPLETE: {
    status: 500,
    title: 'Not everything could be read',
    remedy: 'Let the user of the scan read these logs (most often: add it to the group adm), or name other paths.',
  },
  SBX_RACES_NOT_SENT: {
    status: 502,
    title: 'The service did not take the race reports',
    remedy: 'Nothing is lost: the next scan sends them again. Check the address of --service and the token.',
  },

  // race reports that boxes send
  SBX_RACE_SOURCE_UNKNOWN: {
    status: 401,
    title: 'The sender of race reports is not known',
    remedy: 'Send `Authorization: Bearer …` with the token of one of `races.sources`.',
  },
  SBX_RACE_SOURCE_OTHER: {
    status: 403,
    title: 'The token belongs to another source',
    remedy: 'Leave `source` out, or send the token that `races.sources` has for it.',
  },
  SBX_RACE_BATCH_TOO_LARGE: {
    status: 413,
    title: 'The batch of race reports is too large',
    remedy: 'Send fewer reports at once; `signalbox races scan` does so by itself.',
  },
  SBX_RACE_REPORT_UNREADABLE: {
    status: 422,
    title: 'There is no race report in the text',
    remedy:
      'Send the report with its first line, or the whole log; `signalbox races scan FILE` shows what is found in it.',
  },

  // escalation
  SBX_TICKET_NOT_FOUND: {
    status: 404,
    title: 'There is no such ticket',
    remedy: 'Check the number, and that the agent of freshdesk.api_key may see the ticket.',
  },
  SBX_TICKET_UNFIT: {
    status: 409,
    title: 'The ticket is not to be escalated',
    remedy: 'Take it out of the spam or restore it, then press again.',
  },
  SBX_PROJECT_NOT_FOUND: {
    status: 409,
    title: 'The project of the escalations cannot be seen',
    remedy: 'Check escalation.project, and that the token of GitLab has a role there.',
  },
  SBX_ESCALATION_NOT_FOUND: {
    status: 404,
    title: 'The ticket is not escalated',
    remedy: 'Press the button, or: signalbox escalate TICKET',
  },
  SBX_ESCALATION_OTHER_ISSUE: {
    status: 409,
    title: 'The ticket belongs to another issue',
    remedy: 'A ticket belongs to one issue. Relate the two issues in GitLab instead.',
  },
  SBX_ISSUE_NOT_FOUND: {
    status: 404,
    title: 'There is no such issue',
    remedy: 'Name it as group/project#3 or by its address, in a project that the token of GitLab may see.',
  },
  SBX_AGENT_UNKNOWN: {
    status: 401,
    title: 'The agent is not known',
    remedy: 'Send `Authorization: Bearer …` with the token of one of `escalation.agents`, or of an operator.',
  },
  SBX_WEB_PAGE_REFUSED: {
    status: 403,
    title: 'Web pages may not ask for escalations',
    remedy: 'Only extensions, apps and programs may: a page that one happens to look at must not escalate in its name.',
  },

  // everything else
  SBX_INTERNAL: {
    status: 500,
    title: 'Something went wrong inside signalbox',
    remedy: 'It is tried again by itself. Report it with the log lines of this request if it lasts.',
  },
} as const satisfies Record<string, ErrorRow>;

/** One row of the table. */
export interface ErrorRow {
  status: number;
  title: string;
  remedy: string;
  /** The problem type, where a registry has one; ours otherwise. */
  type?: string;
}

export type ErrorCode = keyof typeof ERRORS;

/** One of several faults in the same input, e.g. a configuration line or a metadata field. */
export interface Fault {
  /** Where: `signalbox.yaml:12:5`, a JSON pointer, a header name. */
  at: string;
  message: string;
}

/** An error from the table above; `detail` says what was found this time, and never holds a secret. */
export class SignalboxError extends Error {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly faults: readonly Fault[];
  /** Not before this time is it worth trying again, ms since the epoch. */
  readonly retryAt: number | undefined;
  /** The HTTP status that the other side answered with, where it did. */
  readonly remoteStatus: number | undefined;
  /** More members for the problem document: names and values without secrets. */
  readonly extensions: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, detail: string, options: ErrorOptions = {}) {
    super(`${ERRORS[code].title}: ${detail}`, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'SignalboxError';
    this.code = code;
    this.detail = detail;
    this.faults = options.faults ?? [];
    this.retryAt = options.retryAt;
    this.remoteStatus = options.remoteStatus;
    this.extensions = options.extensions ?? {};
  }
}

interface ErrorOptions {
  faults?: readonly Fault[];
  cause?: unknown;
  retryAt?: number;
  remoteStatus?: number;
  extensions?: Readonly<Record<string, unknown>>;
}

/** Whether a failed call may have taken effect all the same: then it must be looked for, not repeated. */
export function isUncertain(error: unknown): boolean {
  return error instanceof SignalboxError && error.code === 'SBX_REMOTE_UNCERTAIN';
}

/** Whether the cause lies with the other side and goes away by itself: such failures never lay a key aside. */
export function isPassing(error: unknown): boolean {
  return error instanceof SignalboxError && PASSING.has(error.code);
}

const PASSING: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'SBX_REMOTE_UNREACHABLE',
  'SBX_REMOTE_UNCERTAIN',
  'SBX_REMOTE_UNAVAILABLE',
  'SBX_REMOTE_THROTTLED',
  'SBX_EFFECT_UNCERTAIN',
  'SBX_DATABASE_UNAVAILABLE',
  'SBX_DATABASE_FULL',
  'SBX_DATABASE_UNWRITABLE',
]);
