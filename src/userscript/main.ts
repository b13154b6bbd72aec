import { createListBadges } from './list/list-badges.ts';
import { granted } from './manager/granted.ts';
import { managerOf } from './manager/manager.ts';
import { isOvertaken } from './page/host.ts';
import { watchPage } from './page/watch-page.ts';
import { createClient } from './service/client.ts';
import { SERVICE_URL } from './service/service-url.ts';
import { createToken } from './service/token.ts';
import { TEXTS } from './texts.ts';
import { createTicketButton } from './ticket/ticket-button.ts';

/** Joins the parts, and lets them look whenever the page may have changed. */
function start(): void {
  const manager = managerOf(granted());
  if (manager === null || window.top !== window) return;
  const token = createToken(manager, () => refresh());
  const client = createClient(manager, SERVICE_URL, token.read);
  const parts = [createTicketButton(client, token), createListBadges(client)];
  const refresh = (): void => {
    for (const part of parts) part.refresh();
  };

  const life = new AbortController();
  const stopWatching = watchPage(() => {
    if (!isOvertaken()) {
      for (const part of parts) part.look();
      return;
    }
    life.abort();
    stopWatching();
    for (const part of parts) part.remove();
  });
  document.addEventListener('visibilitychange', () => document.hidden || refresh(), { signal: life.signal });
  manager.menu(TEXTS.menuToken, token.enter);
}

start();
