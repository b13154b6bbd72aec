import type { RouteLine } from './routes.ts';
import { noteRoutes } from './routes-notes.ts';

export const issueRoutes: RouteLine[] = [...noteRoutes('issue')];
