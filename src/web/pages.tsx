import type { ComponentChildren } from 'preact';
import { BoardPage } from './pages/board.tsx';
import { EscalationsPage } from './pages/escalations.tsx';
import { JournalPage } from './pages/journal.tsx';
import { KeyPage } from './pages/key.tsx';
import { LibrariesPage } from './pages/libraries.tsx';
import { MergeGuardPage } from './pages/merge-guard.tsx';
import { NowPage } from './pages/now.tsx';
import { RacePage } from './pages/race.tsx';
import { RacesPage } from './pages/races.tsx';
import { ReleasePage } from './pages/release.tsx';
import { ReleasesPage } from './pages/releases.tsx';
import { Empty, Page } from './parts/page.tsx';

/** The pages in the order of the menu, with the section of the configuration that fills each. */
export const MENU: readonly { path: string; title: string; section: string | null }[] = [
  { path: '/', title: 'Now', section: null },
  { path: '/releases', title: 'Releases', section: 'releases' },
  { path: '/merge-guard', title: 'Merge guard', section: 'version_check' },
  { path: '/board', title: 'Board', section: 'board' },
  { path: '/escalations', title: 'Escalations', section: 'escalation' },
  { path: '/races', title: 'Races', section: 'races' },
  { path: '/libraries', title: 'Libraries', section: 'library_tags' },
  { path: '/journal', title: 'Journal', section: null },
];

/** The page at a path. */
export function pageAt(path: string): ComponentChildren {
  const [first = '', ...rest] = path.split('/').slice(1);
  const parts = rest.map(part => decodeURIComponent(part));
  if (first === 'releases' && parts.length === 2)
    return <ReleasePage key={path} product={parts[0]!} version={parts[1]!} />;
  if (first === 'races' && parts.length === 1) return <RacePage key={path} fingerprint={parts[0]!} />;
  if (first === 'key' && parts.length > 0) return <KeyPage key={path} name={parts.join('/')} />;
  switch (path) {
    case '/':
      return <NowPage />;
    case '/releases':
      return <ReleasesPage />;
    case '/merge-guard':
      return <MergeGuardPage />;
    case '/board':
      return <BoardPage />;
    case '/escalations':
      return <EscalationsPage />;
    case '/races':
      return <RacesPage />;
    case '/libraries':
      return <LibrariesPage />;
    case '/journal':
      return <JournalPage />;
    default:
      return (
        <Page title="Nothing here" purpose="There is no page at this address.">
          <Empty>
            <a href="/">See what happens now</a>
          </Empty>
        </Page>
      );
  }
}
