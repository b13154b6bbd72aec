import type { HistoryStep } from '../../git/history.ts';

const author = (day: number) => ({
  name: 'Developer',
  email: 'developer@example.com',
  date: `2026-0${1 + Math.floor(day / 28)}-${String(1 + (day % 28)).padStart(2, '0')}T09:00:00+01:00`,
});

const BACKUP = (lines: string[]) => `#!/bin/sh\nset -eu\n${lines.join('\n')}\n`;

/**
 * acme/appliance as a team leaves it: a line per version, each bumped once more after it was cut, fixes merged forward
 * from the oldest line (release/5.3) through release/5.4 into main, and topic branches that start where they should or not.
 */
export const applianceHistory: HistoryStep[] = [
  {
    commit: 'Start the appliance\n',
    branch: 'main',
    author: author(1),
    files: {
      VERSION: '5.3.0\n',
      'README.md': '# Appliance\n\nThe product that runs at the customer.\n',
      'bin/backup.sh': BACKUP(['tar -cf /backup/config.tar /etc/appliance']),
      CHANGELOG: '5.3.0\n',
    },
  },
  { commit: 'Serve the web console\n', branch: 'main', author: author(2), files: { 'src/console.txt': 'console\n' } },
  { branch: 'release/5.3', at: 'main' },
  {
    commit: 'Begin 5.4\n',
    branch: 'main',
    author: author(4),
    files: { VERSION: '5.4.0\n', CHANGELOG: '5.4.0\n5.3.0\n' },
  },
  {
    commit: 'Keep the backup when the disk is full\n',
    branch: 'release/5.3',
    author: author(6),
    files: { 'bin/backup.sh': BACKUP(['df /backup >/dev/null', 'tar -cf /backup/config.tar /etc/appliance']) },
  },
  { commit: 'Release 5.3.1\n', branch: 'release/5.3', author: author(7), files: { VERSION: '5.3.1\n' } },
  {
    commit: "Merge branch 'release/5.3' into 'main'\n\nForward merge; the version stays 5.4.\n",
    branch: 'main',
    author: author(8),
    merge: ['release/5.3'],
    files: {
      VERSION: '5.4.0\n',
      'bin/backup.sh': BACKUP(['df /backup >/dev/null', 'tar -cf /backup/config.tar /etc/appliance']),
    },
  },
  {
    commit: 'Sign in with a certificate\n',
    branch: 'main',
    author: author(10),
    files: { 'src/sign-in.txt': 'certificate\n' },
  },
  { branch: 'release/5.4', at: 'main' },
  {
    commit: 'Show the licence in the console\n',
    branch: 'feature/licence',
    author: author(11),
    from: 'main',
    files: { 'src/licence.txt': 'licence\n' },
  },
  {
    commit: 'Begin 5.5\n',
    branch: 'main',
    author: author(12),
    files: { VERSION: '5.5.0\n', CHANGELOG: '5.5.0\n5.4.0\n5.3.0\n' },
  },
  {
    commit: 'Close idle sessions\n',
    branch: 'release/5.3',
    author: author(14),
    files: { 'src/sessions.txt': 'idle sessions end\n' },
  },
  { commit: 'Release 5.3.2\n', branch: 'release/5.3', author: author(15), files: { VERSION: '5.3.2\n' } },
  {
    commit: "Merge branch 'release/5.3' into 'release/5.4'\n\nForward merge; the version stays 5.4.\n",
    branch: 'release/5.4',
    author: author(16),
    merge: ['release/5.3'],
    files: { VERSION: '5.4.0\n', 'src/sessions.txt': 'idle sessions end\n' },
  },
  { commit: 'Release 5.4.1\n', branch: 'release/5.4', author: author(17), files: { VERSION: '5.4.1\n' } },
  {
    commit: "Merge branch 'release/5.4' into 'main'\n\nForward merge; the version stays 5.5.\n",
    branch: 'main',
    author: author(18),
    merge: ['release/5.4'],
    files: { VERSION: '5.5.0\n', 'src/sessions.txt': 'idle sessions end\n' },
  },
  { commit: 'Compress backups\n', branch: 'main', author: author(20), files: { 'src/compress.txt': 'zstd\n' } },
  // The demo's culprit: cut from 5.4, and somebody will aim it at release/5.3.
  {
    commit: 'Backup to a network share\n',
    branch: 'feature/backup-share',
    author: author(21),
    from: 'release/5.4',
    files: { 'src/backup-share.txt': 'smb\n' },
  },
  // The same with VERSION changed by hand, which a look at two files would let pass.
  {
    commit: 'Backup to tape\n',
    branch: 'feature/backup-tape',
    author: author(22),
    from: 'release/5.4',
    files: { 'src/backup-tape.txt': 'tape\n', VERSION: '5.3.2\n' },
  },
  {
    commit: 'Repair the clock\n',
    branch: 'fix/clock-5.3',
    author: author(23),
    from: 'release/5.3',
    files: { 'src/clock.txt': 'utc\n' },
  },
  {
    commit: 'Check free space before a backup\n',
    branch: 'fix/backup',
    author: author(24),
    from: 'main',
    files: {
      'bin/backup.sh': BACKUP([
        'df /backup >/dev/null',
        'test "$(df --output=avail /backup | tail -1)" -gt 1000',
        'tar -cf /backup/config.tar /etc/appliance',
      ]),
    },
  },
];

/** What the fork has on top. */
export const forkHistory: HistoryStep[] = [
  {
    commit: 'Translate the console\n',
    branch: 'translate',
    author: { name: 'Contributor', email: 'contributor@example.com', date: '2026-03-01T09:00:00+01:00' },
    from: 'main',
    files: { 'src/console.de.txt': 'Konsole\n' },
  },
];
