import { boardChapter } from './board-chapter.ts';
import type { Chapter } from './chapter.ts';
import { escalationChapter } from './escalation-chapter.ts';
import { libraryTagsChapter } from './library-tags-chapter.ts';
import { racesChapter } from './races-chapter.ts';
import { releaseChapter } from './release-chapter.ts';
import { versionCheckChapter } from './version-check-chapter.ts';

/** The story. A chapter is one line here: settings, webhooks and what is verified come with it. */
export const CHAPTERS: readonly Chapter[] = [
  versionCheckChapter,
  boardChapter,
  libraryTagsChapter,
  releaseChapter,
  escalationChapter,
  racesChapter,
].toSorted((a, b) => a.number - b.number);
