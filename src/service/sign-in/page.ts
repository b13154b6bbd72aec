import { hash } from 'node:crypto';

const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#c9ced6, #3a424e); --paper: light-dark(#f5f6f8, #14181e); --card: light-dark(#fff, #1c222b); --ink: light-dark(#1b2430, #e6eaf0); --quiet: light-dark(#55606f, #a5b0bf); --act: light-dark(#1259b3, #79b1ff); --on-act: light-dark(#fff, #0c1420); --bad: light-dark(#a3180d, #ff9a8f); }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 24px 16px; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 400px; background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 28px 24px; }
h1 { font-size: 22px; margin: 0 0 4px; }
p { margin: 0 0 16px; color: var(--quiet); overflow-wrap: anywhere; }
p.fault { color: var(--bad); }
label { display: block; font-weight: 600; margin-bottom: 6px; }
input { width: 100%; min-height: 44px; padding: 8px 12px; font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--line); border-radius: 8px; margin-bottom: 16px; }
button, a.act { display: block; width: 100%; min-height: 44px; padding: 9px 16px; border: 0; border-radius: 8px; background: var(--act); color: var(--on-act); font: inherit; font-weight: 600; text-align: center; text-decoration: none; cursor: pointer; }
:focus-visible { outline: 3px solid var(--act); outline-offset: 2px; }
hr { border: 0; border-top: 1px solid var(--line); margin: 24px 0; }
`;

/** The page needs no script, nothing from elsewhere, and no other page may frame it. */
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${hash('sha256', STYLE, 'base64')}'`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

export const SIGN_IN_HEADERS = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': POLICY,
  'Cache-Control': 'no-store',
  // Not `no-referrer`: with that, browsers send the form without saying where it comes from.
  'Referrer-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
} as const;

export interface SignInPage {
  /** Where to go afterwards. */
  to: string;
  ways: { gitlab: boolean; token: boolean };
  /** What went wrong with the last try. */
  fault?: string;
}

export function signInPage({ to, ways, fault }: SignInPage): string {
  const parts: string[] = [];
  if (fault !== undefined) parts.push(`<p class="fault" role="alert">${escaped(fault)}</p>`);
  const gitlab = `<a class="act" href="/sign-in/gitlab?next=${escaped(encodeURIComponent(to))}">Sign in with GitLab</a>`;
  if (ways.gitlab) parts.push(gitlab);
  if (ways.gitlab && ways.token) parts.push('<hr>');
  if (ways.token) parts.push(tokenForm(to));
  if (!ways.gitlab && !ways.token)
    parts.push('<p>Nobody can sign in yet: the configuration has no <code>service.dashboard</code>.</p>');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign in · Signalbox</title><style>${STYLE}</style></head>
<body><main><h1>Signalbox</h1><p>Sign in to see what needs a hand.</p>
${parts.join('\n')}
</main></body></html>`;
}

function tokenForm(to: string): string {
  return `<form method="post" action="/sign-in"><input type="hidden" name="next" value="${escaped(to)}">
<label for="token">Token</label><input id="token" name="token" type="password" autocomplete="current-password" required>
<button>Sign in</button></form>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`);
}
