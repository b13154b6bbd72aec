const HIDDEN = '[hidden]';

/** What must not leave a box, most telling first; each keeps enough around the secret to say what it was. */
const SECRETS: readonly [RegExp, string][] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, HIDDEN],
  // GitLab, GitHub, Slack, AWS, Google, npm, Stripe: by the prefixes they made for this.
  [/\b(?:gl[a-z]{2,6}-|gh[pousr]_|github_pat_|xox[abposr]-|npm_|[rs]k_live_)[\w-]{10,}(?:\.[\w-]+)*/g, HIDDEN],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, HIDDEN],
  [/\bAIza[\w-]{30,}/g, HIDDEN],
  [/\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?/g, HIDDEN],
  [/\b((?:proxy-)?authorization["']?\s*[:=]\s*["']?(?:(?:bearer|basic|token|digest)\s+)?)[^\s"',;]+/gi, `$1${HIDDEN}`],
  [/\b(bearer\s+)[\w.~+/=-]{8,}/gi, `$1${HIDDEN}`],
  [/\b((?:set-)?cookie["']?\s*[:=]\s*["']?)[^"'\r\n]+/gi, `$1${HIDDEN}`],
  [/\b([a-z][a-z0-9+.-]{0,20}:\/\/[^\s/:@]{0,100}:)[^\s@]{1,200}(?=@)/gi, `$1${HIDDEN}`],
  [
    /((?:pass(?:word|wd|phrase)?|pwd|secret|token|api[-_]?key|access[-_]?key|private[-_]?key|credentials?|session(?:id)?)["']?\s*[:=]\s*)(?!\[hidden\])(?:"[^"]*"|'[^']*'|[^\s,;&"'}\])]+)/gi,
    `$1${HIDDEN}`,
  ],
  // A domain ends in letters; a module's version does not.
  [/\b[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[a-z]{2,24}\b(?![\w.-])/gi, HIDDEN],
];

/**
 * Takes secrets and mail addresses out of log text that is shown to people (context lines, prefixes). Reports
 * themselves are written anew from what was parsed, and hold nothing but functions and places.
 */
export function redact(text: string): string {
  let clean = text;
  for (const [secret, shown] of SECRETS) clean = clean.replace(secret, shown);
  return clean;
}
