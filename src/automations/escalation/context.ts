import type { EngineLog } from '../../engine/log.ts';
import type { Freshdesk } from '../../freshdesk/client/create-freshdesk.ts';
import type { FileDoor } from '../../freshdesk/files/open-file.ts';
import type { MailConverter } from '../../freshdesk/mail/mail-types.ts';
import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import type { Project } from '../../gitlab/client/schemas.ts';
import type { CommentPace } from './comment-pace.ts';
import type { CopyFile } from './copy-file.ts';
import type { Materials } from './material.ts';
import type { EscalationSettings } from './settings.ts';
import type { Store } from './store.ts';

/** What the looks of this automation have to do with. */
export interface EscalationContext {
  gitlab: GitLab;
  freshdesk: Freshdesk;
  files: FileDoor;
  mail: MailConverter;
  store: Store;
  materials: Materials;
  copyFile: CopyFile;
  pace: CommentPace;
  settings: EscalationSettings;
  /** The project of the issues; asked once in a while. */
  project: () => Promise<Project | null>;
  now: () => number;
  log: EngineLog;
}
