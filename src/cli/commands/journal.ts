import type { Command } from 'commander';
import { type CommonOptions, print, printJson, someText, wholeNumber, withCommonOptions } from '../options.ts';

interface JournalOptions extends CommonOptions {
  verify?: boolean;
  key?: string;
  limit: number;
}

export function register(program: Command): void {
  const journal = program
    .command('journal')
    .description('show what happened and why, newest first; --verify proves that nobody edited it')
    .option('--verify', 'recompute every hash of the chain')
    .option('--key <key>', 'only this key, as `explain` takes it', someText)
    .option('--limit <rows>', 'at most so many rows, up to 500', wholeNumber(1, 500), 50);
  withCommonOptions(journal, 'signalbox journal --verify').action(run);
}

async function run(options: JournalOptions): Promise<void> {
  const { connect } = await import('../connect.ts');
  const { keyOf } = await import('../key-of.ts');
  const installation = await connect(options.config);
  try {
    if (options.verify) {
      const proof = await installation.verify();
      if (options.json) printJson(proof);
      else if (proof.ok) print(`${proof.rows} rows, every one as it was written; head ${proof.head}`);
      else print(`broken at row ${proof.brokenAt}: ${proof.detail}`);
      if (!proof.ok) process.exitCode = 1;
      return;
    }
    const key = options.key === undefined ? undefined : keyOf(options.key, installation.settings);
    const query = { limit: options.limit, ...(key === undefined ? {} : { key }) };
    const rows = await installation.journal(query);
    if (options.json) {
      printJson({ rows });
      return;
    }
    const { briefRow } = await import('../../engine/journal/brief-row.ts');
    for (const { seq, at, kind, key, line } of rows.map(briefRow))
      print(`${seq}  ${at}  ${kind}  ${key ?? ''}  ${line}`);
  } finally {
    await installation.close();
  }
}
