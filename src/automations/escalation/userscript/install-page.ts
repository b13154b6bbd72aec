import { createHash } from 'node:crypto';

const STYLE = `
:root { color-scheme: light dark; }
body { max-width: 44rem; margin: 3rem auto; padding: 0 1.25rem; font: 16px/1.6 system-ui, sans-serif; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
.install { display: inline-block; padding: .6rem 1.2rem; border-radius: 6px; background: #1f5fae; color: #fff; font-weight: 600; text-decoration: none; }
.install:focus-visible { outline: 3px solid #7db4ff; outline-offset: 2px; }
code { font: .9em ui-monospace, monospace; } li { margin: .4rem 0; }
`;

/** Nothing but its own style may do anything on the page. */
export const INSTALL_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/** How an agent gets the button: static, public, without a secret. */
export const INSTALL_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Signalbox: the button for Freshdesk</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>The button for Freshdesk</h1>
<p>It stands in the toolbar of every ticket: one click, one complete GitLab issue, links on both sides, never two. In lists of tickets a small
mark shows which ones are escalated already.</p>

<h2>1. A userscript manager</h2>
<p>Install <a href="https://www.tampermonkey.net/" rel="noreferrer">Tampermonkey</a> or
<a href="https://violentmonkey.github.io/" rel="noreferrer">Violentmonkey</a> from your browser's store. In Chrome and Edge, open the extension's
details and switch <strong>Allow user scripts</strong> on.</p>

<h2>2. The button</h2>
<p><a class="install" href="signalbox.user.js">Install the button</a></p>
<p>The manager shows what it may do: run on your Freshdesk, and speak to this service, to nothing else. It fetches newer versions by itself.</p>

<h2>3. Your token</h2>
<p>Escalations are made in your name. Ask whoever runs Signalbox for a token of your own, then open any page of Freshdesk, open the manager's
menu and choose <strong>Set the token …</strong> below <em>Signalbox: escalate to GitLab</em>. The manager keeps it; no web page can read it. Set
an empty one to forget it.</p>

<h2>When it does not work</h2>
<ul>
<li><strong>No button on a ticket:</strong> reload the page; look into the manager's menu whether the script is listed and switched on.</li>
<li><strong>“Signalbox needs your token”:</strong> it was mistyped or withdrawn. Ask for a new one.</li>
<li><strong>“Signalbox does not answer”:</strong> this address cannot be reached from your browser, or the manager was told not to allow it.
In Tampermonkey: the script's settings, XHR security.</li>
</ul>
</main>
</body>
</html>
`;
