import { COLORS } from '../page/colors.ts';

/** The part in the toolbar. `all: initial` keeps the page's styles out, `!important` keeps them from coming back. */
export const BUTTON_STYLES = `
:host { all: initial; display: inline-flex !important; visibility: visible !important; vertical-align: middle;
  font: 13px/1.4 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; color: var(--text); position: relative; }
${COLORS}
:host([data-floating]) { position: fixed !important; inset: auto 20px 20px auto !important; z-index: 2147483000 !important;
  padding: 8px; border-radius: 8px; background: var(--ground); box-shadow: 0 2px 12px rgb(0 0 0 / 30%); }
.box { display: inline-flex; align-items: center; gap: 8px; min-height: 32px; }
button { position: relative; overflow: hidden; min-height: 32px; padding: 5px 12px; border: 1px solid var(--line); border-radius: 4px;
  background: var(--ground); color: var(--text); cursor: pointer; white-space: nowrap; font-weight: 500; }
button:hover:not([aria-disabled=true]) { border-color: var(--accent); color: var(--accent); }
button[aria-disabled=true] { cursor: default; color: var(--quiet); }
button.failed { border-color: var(--bad); color: var(--bad); }
.bar { position: absolute; inset: auto 0 0 0; height: 3px; background: var(--accent); transform-origin: left; transition: transform .3s; }
.issue { font-weight: 600; white-space: nowrap; }
.state { color: var(--quiet); white-space: nowrap; }
.state[data-state=opened] { color: var(--good); }
.labels { display: inline-flex; gap: 4px; max-width: 320px; overflow: hidden; }
.label { padding: 1px 8px; border: 1px solid var(--line); border-radius: 10px; max-width: 140px; overflow: hidden; text-overflow: ellipsis;
  white-space: nowrap; font-size: 12px; }
button.warnings { background: var(--warn-ground); color: var(--warn-text); border-color: transparent; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (prefers-reduced-motion: reduce) { .bar { transition: none; } }
`;
