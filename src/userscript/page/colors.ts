/** Colours for a light and a dark ground, and what every part of ours has in common. */
export const COLORS = `
:host {
  --ground: #ffffff; --text: #12344d; --quiet: #55677a; --line: #cfd7df;
  --accent: #1f5fae; --accent-text: #ffffff; --accent-hover: #174a88;
  --good: #12733f; --bad: #b3261e; --warn-ground: #fff3d6; --warn-text: #6b4700;
  color-scheme: light;
}
:host([data-dark]) {
  --ground: #1c2530; --text: #e6edf3; --quiet: #a3b3c2; --line: #46566a;
  --accent: #7db4ff; --accent-text: #10202f; --accent-hover: #a4cbff;
  --good: #67d391; --bad: #ff9d94; --warn-ground: #463510; --warn-text: #ffdf9b;
  color-scheme: dark;
}
* { box-sizing: border-box; font: inherit; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
a { color: var(--accent); }
[hidden] { display: none !important; }
`;
