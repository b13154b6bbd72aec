import type { Command } from 'commander';
import { registerLook } from '../look-command.ts';
import { ISSUE } from '../subjects.ts';

export function register(program: Command): void {
  registerLook(program, {
    name: 'board',
    subject: ISSUE,
    example: "signalbox board 'acme/appliance#1' --dry-run",
    more: command => {
      command.option(
        '--undo',
        'put it back to where it was before our last move, until its merge requests ask for something new',
      );
      return ({ undo }) =>
        undo ? (installation, key) => installation.undoMove(key.slice(key.indexOf(':') + 1)) : undefined;
    },
  });
}
