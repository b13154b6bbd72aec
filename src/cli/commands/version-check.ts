import type { Command } from 'commander';
import { registerLook } from '../look-command.ts';
import { MERGE_REQUEST } from '../subjects.ts';

export function register(program: Command): void {
  registerLook(program, {
    name: 'version-check',
    subject: MERGE_REQUEST,
    // What its own thread blocks; a waived one may be merged.
    fails: verdict => verdict.startsWith('blocked'),
    example: "signalbox version-check 'acme/appliance!12' --dry-run",
  });
}
