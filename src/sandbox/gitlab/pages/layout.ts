import { type Html, html } from '../../http/html.ts';
import type { ProjectRecord, UserRecord } from '../state/records.ts';
import type { World } from '../state/world.ts';

export interface View {
  world: World;
  /** In whose name the buttons act. */
  user: UserRecord;
  /** The page's own address, where an action comes back to. */
  path: string;
  /** What went wrong with the last click. */
  alert: string | null;
}

const STYLE = `
:root { color-scheme: light dark; --line: #8884; --soft: #8882; }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0; }
header, main { max-width: 1200px; margin: 0 auto; padding: 12px 16px; }
header { display: flex; gap: 16px; align-items: center; border-bottom: 1px solid var(--line); }
header .title { font-weight: 600; flex: 1; }
nav a { margin-right: 12px; }
.board { display: flex; gap: 10px; overflow-x: auto; align-items: flex-start; }
.column { background: var(--soft); border-radius: 8px; padding: 8px; min-width: 190px; flex: 1; min-height: 120px; }
.column h2 { font-size: 14px; margin: 2px 4px 8px; }
.column.over { outline: 2px solid #1f75cb; }
.card, .note { background: Canvas; border: 1px solid var(--line); border-radius: 6px; padding: 8px 10px; margin-bottom: 8px; }
.card { cursor: grab; }
.label { color: #fff; border-radius: 9px; padding: 1px 8px; font-size: 12px; display: inline-block; }
.badge { border: 1px solid var(--line); border-radius: 9px; padding: 1px 8px; font-size: 12px; }
.open { color: #108548; } .merged { color: #6e49cb; } .closed { color: #ae1800; }
.thread { border-left: 3px solid #ae1800; padding-left: 10px; margin: 12px 0; }
.thread.resolved { border-color: #108548; } .thread.plain { border-color: var(--line); }
.meta { color: GrayText; font-size: 13px; }
.alert { background: #ae180022; border: 1px solid #ae1800; border-radius: 6px; padding: 8px 12px; margin-bottom: 12px; }
form.inline { display: inline-block; margin: 2px 6px 2px 0; }
table { border-collapse: collapse; } td, th { border: 1px solid var(--line); padding: 3px 8px; text-align: left; }
pre { background: var(--soft); padding: 8px; overflow-x: auto; } textarea { width: 100%; min-height: 60px; }
`;

/** Drag a card, and look again every two seconds, so that what a bot does is seen without a reload. */
const SCRIPT = `
let dragged = null;
document.addEventListener('dragstart', event => { dragged = event.target.closest('.card'); });
document.addEventListener('dragend', () => { dragged = null; document.querySelectorAll('.over').forEach(other => other.classList.remove('over')); });
document.addEventListener('dragover', event => { const column = event.target.closest('.column'); if (column && dragged) { event.preventDefault(); document.querySelectorAll('.over').forEach(other => other.classList.remove('over')); column.classList.add('over'); } });
document.addEventListener('drop', event => { const column = event.target.closest('.column'); if (!column || !dragged) return; event.preventDefault(); const form = dragged.querySelector('form'); form.elements.to.value = column.dataset.to; form.submit(); });
setInterval(async () => {
  if (dragged || document.hidden || /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName)) return;
  const text = await (await fetch(location.href)).text();
  const fresh = new DOMParser().parseFromString(text, 'text/html').querySelector('main');
  const main = document.querySelector('main');
  if (fresh && fresh.innerHTML !== main.innerHTML) main.innerHTML = fresh.innerHTML;
}, 2000);
`;

export function page(view: View, title: string, content: Html): string {
  const people = [...view.world.users.values()];
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · GitLab sandbox</title><style>${{ markup: STYLE }}</style></head>
<body><header><span class="title"><a href="/">GitLab sandbox ${view.world.settings.version}</a> · ${title}</span>
<form method="post" action="/-/act-as"><input type="hidden" name="back" value="${view.path}"><label>acting as
<select name="user" onchange="this.form.submit()">${people.map(
    user =>
      html`<option value="${user.username}" ${user.id === view.user.id && { markup: 'selected' }}>${user.bot ? `${user.name} (bot)` : user.username}</option>`,
  )}</select></label><noscript><button>ok</button></noscript></form></header>
<main>${view.alert !== null && html`<div class="alert">${view.alert}</div>`}${content}</main><script>${{ markup: SCRIPT }}</script></body></html>`
    .markup;
}

export function projectNav(project: ProjectRecord): Html {
  const base = `/${project.fullPath}`;
  return html`<nav><b>${project.fullPath}</b> · <a href="${base}">overview</a><a href="${base}/-/boards">board</a><a href="${base}/-/issues">issues</a><a href="${base}/-/merge_requests">merge requests</a></nav>`;
}

/** A button that calls the API in the acting user's name and comes back here. */
export function action(
  view: View,
  label: string,
  route: string,
  input: Record<string, string> = {},
  content: Html | null = null,
): Html {
  return html`<form class="inline" method="post" action="/-/do"><input type="hidden" name="route" value="${route}"><input type="hidden" name="back" value="${view.path}">${Object.entries(
    input,
  ).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  )}${content}<button>${label}</button></form>`;
}
