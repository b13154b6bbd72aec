/**
 * Looks at what we did not write: npm run check:dependencies. What can be known from the lock file is always checked; known holes are
 * asked of the registry, and where it does not answer that, this says so and goes on.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './bundle.ts';
import { judgeAudit } from './dependencies/judge-audit.ts';
import { judgeLock, judgeManifest } from './dependencies/judge-lock.ts';
import { readLockFile } from './dependencies/lock-file.ts';
import { RULES, shippedBy } from './dependencies/rules.ts';

const lock = readLockFile(join(ROOT, 'package-lock.json'));
const { dependencies, devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Record<
  'dependencies' | 'devDependencies',
  Record<string, string>
>;
const verdict = judgeLock(lock, RULES);
const audit = judgeAudit(askRegistry(), shippedBy(lock));
const faults = [
  ...judgeManifest({ ...dependencies, ...devDependencies }),
  ...verdict.faults,
  ...(audit.ran ? audit.faults : []),
];
console.log(`${verdict.shipped} packages are for production, ${verdict.used} more build and test it.`);
console.log(`${verdict.unchecked} packages for other systems have no checksum, and are not installed here.`);
if (audit.ran) {
  for (const warning of audit.warnings) console.warn(`WARNING: ${warning}`);
  console.log(
    `npm audit knows of ${audit.faults.length} holes in what is shipped, and of ${audit.warnings.length} others.`,
  );
} else {
  console.warn(`NOT RUN: whether holes are known in any of them was not checked. ${audit.because}`);
}
for (const fault of faults) console.error(`FAULT: ${fault}`);
if (faults.length > 0) process.exitCode = 1;

function askRegistry(): string {
  const args = ['audit', '--json', '--fetch-retries=0', '--fetch-timeout=20000'];
  const { stdout } = spawnSync('npm', args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  return stdout ?? '';
}
