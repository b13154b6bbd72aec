import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RefUpdate, Repository } from './types.ts';

export interface GitRequest {
  service: '/info/refs' | '/git-upload-pack' | '/git-receive-pack';
  userName: string | null;
  mayPush: boolean;
  /** A text refuses the whole push, the way GitLab's pre-receive check does. */
  preReceive?: (updates: RefUpdate[]) => string | null | Promise<string | null>;
  /** After the push, with its push options; lines for the pusher's terminal ("remote: …"). */
  postReceive?: (updates: RefUpdate[], options: string[]) => string | null | Promise<string | null>;
}

/** Serves one request of git's smart HTTP protocol. */
export async function serveGit(
  _repository: Repository,
  _request: IncomingMessage,
  _response: ServerResponse,
  _context: GitRequest,
): Promise<void> {
  throw new Error('The git layer is under construction');
}
