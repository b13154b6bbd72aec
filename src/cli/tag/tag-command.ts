import { existsSync, readFileSync } from 'node:fs';
import { joinReports } from '../../automations/library-tags/report.ts';
import { SignalboxError } from '../../errors.ts';
import { writeOut } from '../write-out.ts';
import { forgetDotenv, renderDotenv, writeDotenv } from './dotenv.ts';
import type { Environment } from './read-job.ts';
import { linesOf, printable } from './render-result.ts';
import { tagByItself } from './tag-by-itself.ts';
import { tagByService } from './tag-by-service.ts';
import type { TagOptions } from './tag-options.ts';

const WAIT = '2';

/**
 * The whole run takes a tenth of a second, less than the optimizing compiler needs to pay off: without it, a third less work. For the
 * compiler before it there is one loop, over the tags: to be compiled once, and not also for where the loop is at that moment; at once,
 * and not on a thread that is woken for it; and not as two copies. That is 6 of 105 ms among 50,000 tags. Measured with Node 24; the V8 of
 * another one may not know these flags, and would say so in every job.
 */
const QUICK_END = [
  '--no-opt',
  ...(process.versions.node.startsWith('24.')
    ? ['--no-use-osr', '--no-concurrent-recompilation', '--no-maglev-loop-peeling']
    : []),
];

/**
 * `signalbox tag`.
 *
 * @returns the exit code: 0 created, exists, contained or skipped · 1 refused
 * @throws SignalboxError SBX_USAGE, SBX_SECRET_UNREADABLE for the command line; SBX_TAG_… and SBX_REMOTE_… for the run
 */
export async function tagCommand(options: TagOptions, environment: Environment): Promise<number> {
  if (options.dotenv !== undefined) forgetDotenv(options.dotenv);
  const wait = readWait(options.wait ?? WAIT);
  const { service = '' } = options;
  const { authorities, hide, run } = service
    ? tagByService(options, service, wait, environment)
    : await tagByItself(options, wait, environment);
  if (authorities !== null) await trust(authorities);
  // Not before all modules are there: what Node keeps compiled of its own ones is of no use any more once a flag is changed.
  for (const flag of QUICK_END) process.getBuiltinModule('node:v8').setFlagsFromString(flag);
  const { reports, dryRun } = await run(line => writeOut(2, `${hide(printable(line))}\n`));
  const first = joinReports(reports);
  if (!first) throw new SignalboxError('SBX_INTERNAL', 'nothing was decided');
  const lines = options.json ? [JSON.stringify(first)] : reports.flatMap(report => linesOf(report, dryRun));
  writeOut(1, `${hide(lines.join('\n'))}\n`);
  if (options.dotenv !== undefined) writeDotenv(options.dotenv, hide(renderDotenv(first)));
  return reports.some(({ action }) => action === 'refuse') ? 1 : 0;
}

function readWait(text: string): number {
  const seconds = Number(text);
  if (!(seconds >= 0 && seconds <= 600)) {
    throw new SignalboxError('SBX_USAGE', `--wait takes seconds from 0 to 600, not ${text}`);
  }
  return seconds * 1000;
}

/** The runner hands on the certificates of a GitLab with a private authority; Node itself reads such a file only at its start. */
async function trust(file: string): Promise<void> {
  if (!existsSync(file)) return;
  const { getCACertificates, setDefaultCACertificates } = await import('node:tls');
  setDefaultCACertificates([...getCACertificates('default'), readFileSync(file, 'utf8')]);
}
