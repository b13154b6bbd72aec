import type { CommonOptions } from '../options.ts';

export interface MoveCommand extends CommonOptions {
  to: string;
  urlFile?: string;
  urlEnv?: string;
}
