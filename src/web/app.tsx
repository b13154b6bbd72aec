import { useState } from 'preact/hooks';
import { liveState } from './api/live.ts';
import { overview, useOverview } from './api/overview.ts';
import { session, signOut } from './api/session.ts';
import { address, pathOf } from './navigation.ts';
import { MENU, pageAt } from './pages.tsx';
import { setTheme, type Theme, theme } from './theme.ts';

export function App() {
  useOverview();
  const path = pathOf(address.value);
  return (
    <div class="frame">
      <a class="skip" href="#content" data-outside>
        Skip to the page
      </a>
      <Rail path={path} />
      <main id="content" tabIndex={-1}>
        {pageAt(path)}
      </main>
    </div>
  );
}

function Rail({ path }: { path: string }) {
  const [openAt, setOpenAt] = useState<string | null>(null);
  // Choosing a page closes the menu.
  const open = openAt === path;
  const on = overview.value?.automations;
  const shown = MENU.filter(({ section }) => section === null || on === undefined || on.includes(section));
  return (
    <header class="rail" data-open={open || undefined}>
      <a class="brand" href="/" aria-label="Signalbox, to what happens now">
        <Sign />
        Signalbox
      </a>
      <button
        type="button"
        class="button menu-button"
        aria-expanded={open}
        onClick={() => setOpenAt(open ? null : path)}
      >
        Menu
      </button>
      <nav aria-label="Pages">
        {shown.map(each => (
          <a key={each.path} href={each.path} aria-current={isAt(path, each.path) ? 'page' : undefined}>
            {each.title}
            <Count path={each.path} />
          </a>
        ))}
      </nav>
      <div class="rail-foot">
        <div class="row">
          <span>{LIVE[liveState.value]}</span>
        </div>
        <label class="row">
          Colours
          <select
            class="plain-select"
            value={theme.value}
            onChange={event => setTheme(event.currentTarget.value as Theme)}
          >
            <option value="auto">as the system</option>
            <option value="light">light</option>
            <option value="dark">dark</option>
          </select>
        </label>
        {session.value && (
          <div class="row">
            <span class="foreign" title={`${session.value.name} (${session.value.role})`}>
              <bdi>{session.value.name.slice(0, 40)}</bdi>
              <br />
              {session.value.role}
            </span>
            <button type="button" class="button plain" onClick={() => void signOut()}>
              Sign out
            </button>
          </div>
        )}
      </div>
    </header>
  );
}

const LIVE = { live: '● Live', connecting: '○ Connecting …', away: '○ Paused' };

function Count({ path }: { path: string }) {
  const { hands = [], open_mismatches: open = 0 } = overview.value ?? {};
  const [count, what] =
    path === '/' ? [hands.length, 'need a hand'] : path === '/merge-guard' ? [open, 'open'] : [0, ''];
  if (count === 0) return null;
  return (
    <span class="count" title={`${count} ${what}`}>
      {count}
      <span class="hidden-text"> {what}</span>
    </span>
  );
}

function isAt(path: string, page: string): boolean {
  return path === page || (page !== '/' && path.startsWith(`${page}/`));
}

/** A semaphore at clear, with its lamp. */
function Sign() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" fill="#1d4f7c" />
      <path d="M9 6v20" stroke="#fff" stroke-width="2.5" stroke-linecap="round" />
      <path d="M9 9.5h15l-2.5 3 2.5 3H9z" fill="#fff" />
      <circle cx="9" cy="21" r="3.5" fill="#6fce93" />
    </svg>
  );
}
