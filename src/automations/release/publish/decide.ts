import type { Decision, PlannedAction } from '../../../engine/automation.ts';

/** File names and what they should hold, as hashes; the texts themselves are rendered again when they are written. */
export interface PublishFacts {
  product: string;
  wanted: Record<string, string>;
  existing: Record<string, string>;
}

export interface PublishAction extends PlannedAction {
  type: 'write' | 'remove';
  file: string;
}

/** Releases are written before the pointers at them, and removed after. */
export function decide({ wanted, existing }: PublishFacts): Decision<PublishAction> {
  const written = Object.keys(wanted).filter(file => existing[file] !== wanted[file]);
  const removed = Object.keys(existing).filter(file => wanted[file] === undefined);
  const isPointer = (file: string) => file.startsWith('channels/');
  const order = (files: string[]) => [...files.filter(file => !isPointer(file)), ...files.filter(isPointer)];
  const action = (type: PublishAction['type']) => (file: string) => ({ type, file, summary: `${type} ${file}` });
  const actions = [...order(written).map(action('write')), ...order(removed).toReversed().map(action('remove'))];
  const count = Object.keys(wanted).length;
  return {
    verdict: actions.length === 0 ? `up to date: ${count} files` : `${actions.length} of ${count} files change`,
    because: ['the files an update server reads say what the channels and releases say'],
    actions,
  };
}
