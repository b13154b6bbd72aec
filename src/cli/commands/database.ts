import type { Command } from 'commander';
import type { MoveCommand } from '../database/move-command.ts';
import { print, printJson, withCommonOptions } from '../options.ts';

export function register(program: Command): void {
  const database = program
    .command('database')
    .description('move everything that is kept from the SQLite file to PostgreSQL')
    .addHelpText('after', '\nExample:\n  signalbox database move --to postgres --url-file /run/secrets/database');
  const move = database
    .command('move')
    .description('copy everything from the SQLite file into an empty PostgreSQL database, and verify it')
    .requiredOption('--to <engine>', 'postgres')
    .option('--url-file <file>', 'a file with the address of the database')
    .option('--url-env <name>', 'the environment variable with the address; DATABASE_URL unless told');
  withCommonOptions(move, 'signalbox database move --to postgres --url-file /run/secrets/database').action(run);
}

async function run(options: MoveCommand): Promise<void> {
  const { moveToPostgres } = await import('../database/move-to-postgres.ts');
  const outcome = await moveToPostgres(options);
  if (options.json) {
    printJson(outcome);
    return;
  }
  for (const { table, rows, sha256 } of outcome.tables) print(`${table.padEnd(18)} ${rows} rows, sha256 ${sha256}`);
  print(`the journal's ${outcome.journal.rows} rows are a whole chain; head ${outcome.journal.head}`);
  print(`now say in ${options.config}:  database: { postgres: ${outcome.secret} }`);
  print(`and start the service. ${outcome.from} was left as it is.`);
}
