import { COLORS } from '../page/colors.ts';

/** The small mark behind a ticket in a list. */
export const BADGE_STYLES = `
:host { all: initial; display: inline-block !important; visibility: visible !important; margin-left: 6px !important; vertical-align: 1px;
  font: 600 11px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; }
${COLORS}
.badge { display: inline-block; padding: 0 7px; border-radius: 9px; background: var(--accent); color: var(--accent-text); text-decoration: none;
  white-space: nowrap; }
a.badge:hover { background: var(--accent-hover); text-decoration: underline; }
.badge.closed { background: var(--quiet); color: var(--ground); }
.badge.failed { background: var(--bad); color: var(--ground); }
`;
