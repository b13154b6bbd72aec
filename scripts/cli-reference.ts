import { Command } from 'commander';
import { SUMMARIES } from '../src/cli/summaries.ts';

type CommandModule = { register(program: Command): void };

/** docs/cli.md: every command, from the program itself. */
export async function cliReference(): Promise<string> {
  const sections: string[] = [];
  for (const name of Object.keys(SUMMARIES)) {
    const program = new Command('signalbox');
    ((await import(`../src/cli/commands/${name}.ts`)) as CommandModule).register(program);
    const command = program.commands.find(each => each.name() === name);
    if (!command) throw new Error(`there is no command ${name}`);
    sections.push(...sectionsOf(command, [], 2));
  }
  return `# Command line

Written from the program by \`npm run docs\`. Every command takes \`--help\`. Exit codes: 0 done, 1 the operation failed or a check found something, 2 wrong
usage or configuration. Errors go to standard error, with a [code](errors.md) and what to do.

${sections.join('\n')}`;
}

function sectionsOf(command: Command, parents: readonly string[], level: number): string[] {
  const names = [...parents, command.name()];
  const title = `${'#'.repeat(level)} ${names.join(' ')}\n`;
  if (command.commands.length > 0) {
    const own = `${title}\n${sentence(command.description())}\n`;
    return [own, ...command.commands.flatMap(each => sectionsOf(each, names, level + 1))];
  }
  return [`${title}\n\`\`\`text\n${helpOf(command).trim()}\n\`\`\`\n`];
}

/** What `--help` prints, at one width wherever it is written. */
function helpOf(command: Command): string {
  let text = '';
  command.configureHelp({ helpWidth: 120 });
  command.configureOutput({
    writeOut: part => (text += part),
    getOutHelpWidth: () => 120,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return text;
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}
