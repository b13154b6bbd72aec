import type { ErrorRow } from './error-row.ts';

/** Database, data directory, artifacts, backup. */
export const STORAGE = {
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
  SBX_DATABASE_RIGHTS: {
    status: 500,
    title: 'The database user lacks a right',
    remedy:
      'Let it make tables, as the schema’s owner: `grant create on schema public to USER;`. `signalbox doctor` says what is missing.',
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
  SBX_ARTIFACTS_OWNED: {
    status: 500,
    title: 'The artifacts there belong to another database',
    remedy:
      'Give each installation a directory or a prefix of its own in service.artifacts. Where the database to which they belong is lost for good, remove the named file or object and start again: all releases are taken in, and their scripts run again.',
  },
  SBX_ARTIFACTS_UNREACHABLE: {
    status: 503,
    title: 'The bucket of the artifacts does not answer',
    remedy:
      'Nothing is lost: send the same again when the bucket is back; releases that wait for their script are tried again by themselves. Check the endpoint in service.artifacts.s3; `signalbox doctor` tries it.',
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
} as const satisfies Record<string, ErrorRow>;
