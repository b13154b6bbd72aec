import type { Command } from 'commander';
import { registerLook } from '../look-command.ts';

export function register(program: Command): void {
  registerLook(program, {
    name: 'board',
    subject: { noun: 'issue', kind: 'issue', sign: '#', pages: ['issues', 'work_items'] },
    example: "signalbox board 'acme/appliance#1' --dry-run",
  });
}
