import { COLORS } from '../page/colors.ts';

/** Dialogs lie in the browser's top layer, over whatever the page has. */
export const DIALOG_STYLES = `
:host { all: initial; font: 14px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; }
${COLORS}
dialog { width: min(680px, calc(100vw - 32px)); max-height: calc(100vh - 64px); padding: 0; border: 1px solid var(--line); border-radius: 8px;
  background: var(--ground); color: var(--text); box-shadow: 0 8px 40px rgb(0 0 0 / 35%); overflow: hidden; }
dialog.steady { height: min(540px, calc(100vh - 64px)); }
dialog[open] { display: flex; flex-direction: column; }
dialog::backdrop { background: rgb(9 20 33 / 45%); }
h2 { margin: 0; padding: 16px 20px 8px; font-size: 17px; font-weight: 600; }
.content { padding: 0 20px; overflow: auto; overflow-wrap: anywhere; }
.content p, .content ul, .content dl, .content details { margin: 8px 0; }
.content { flex: 1; }
.content ul:not(.plain) { padding-left: 20px; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 16px; }
dt { color: var(--quiet); }
dd { margin: 0; }
pre { margin: 8px 0; padding: 10px 12px; max-height: 300px; overflow: auto; border: 1px solid var(--line); border-radius: 4px;
  font: 12px/1.5 ui-monospace, 'DejaVu Sans Mono', monospace; white-space: pre-wrap; }
.warning { padding: 6px 10px; border-radius: 4px; background: var(--warn-ground); color: var(--warn-text); }
.quiet { color: var(--quiet); }
.bad { color: var(--bad); }
ul.plain { margin: 0; padding: 0; list-style: none; }
.row { display: flex; align-items: center; gap: 10px; margin: 6px 0; }
.row > :first-child { flex: 1; min-width: 0; }
label { user-select: none; }
input[type=checkbox] { margin: 0 8px 0 0; vertical-align: -2px; }
input[type=text] { min-height: 34px; padding: 5px 10px; border: 1px solid var(--line); border-radius: 4px; background: var(--ground); color: var(--text); }
summary { cursor: pointer; }
dialog.steady .choices { padding: 8px 20px 0; border-top: 1px solid var(--line); }
.choices p { margin: 4px 0; }
footer { display: flex; justify-content: flex-end; gap: 8px; padding: 12px 20px 16px; }
button { min-height: 34px; padding: 6px 16px; border: 1px solid var(--line); border-radius: 4px; background: var(--ground); color: var(--text);
  cursor: pointer; font-weight: 500; }
button:hover { border-color: var(--accent); }
button.primary { border-color: var(--accent); background: var(--accent); color: var(--accent-text); }
button.primary:hover { background: var(--accent-hover); }
`;
