import type { RedactionRule } from '../../../freshdesk/mail/mail-types.ts';

/**
 * What customers paste into tickets and should not find in an issue. Patterns see the text as its reader does: a line
 * for each line or block, a tab between the cells of a table. Where a pattern has a group `secret`, only that is
 * removed, so that what it was remains readable. All of them find their end in one pass, whatever the text.
 */
const KEYWORD =
  'passwords?|passwd|passphrase|passcode|pwd|passwort|kennwort|mot de passe|contraseña|parola|senha|wachtwoord';
/** In quotes to the end of them, or up to white space or what separates values; what is starred out or removed is left alone. */
const VALUE = `(?!\\*{2,}|•{2,}|x{4,}|\\[[a-z -]{1,40} removed\\])(?:"(?<secret>[^"\\n]{1,200})"|'(?<secret>[^'\\n]{1,200})'|(?<secret>[^\\s"'<>,;&]{1,200}))`;
const BARE = `(?!\\*{2,}|(?:\\d{1,2} )?\\[[a-z -]{1,40} removed\\])"?(?<secret>[^\\s"]{1,300})`;
const TOKEN_NAME =
  '(?:api|access|auth|secret|private|client|session)[ _-]?(?:key|token|secret)|x-api-key|authorization|token';

export const REDACTION_NAMES = [
  'private key',
  'password',
  'login in address',
  'SNMP community',
  'device secret',
  'password hash',
  'token',
  'cloud key',
] as const;

export type RedactionName = (typeof REDACTION_NAMES)[number];

const PATTERNS: Record<RedactionName, readonly string[]> = {
  // A key whose end is missing is a key all the same.
  'private key': [
    '-----BEGIN (?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY(?: BLOCK)?-----(?:(?!-----)[\\s\\S]){0,20000}(?:-----END [A-Z0-9 ]{1,60}-----)?',
    'PuTTY-User-Key-File-\\d:(?:(?!Private-MAC)[\\s\\S]){0,20000}(?:Private-MAC: ?[0-9a-f]{1,128})?',
  ],
  password: [
    `(?:${KEYWORD})["']?(?:[ \\u00a0]{0,3}(?:[:=]|=>|:=)|\\t)[ \\t]{0,8}${VALUE}`,
    `(?<![\\w-])--?(?:${KEYWORD})[ =]${VALUE}`,
    `<(?:[\\w-]{1,40}[:.])?(?:${KEYWORD})>(?<secret>[^<\\n]{1,200})</`,
    `\\b(?:sshpass|mysql(?:dump)?)\\b[^\\n]{0,80}? -p ?${VALUE}`,
  ],
  'login in address': ['\\b[a-z][a-z0-9+.-]{1,20}://[^\\s/:@]{1,100}:(?<secret>[^\\s/@]{1,200})@'],
  'SNMP community': [
    `\\bsnmp-server community ${BARE}`,
    `\\bsnmp-server host [^\\s]{1,100}(?: (?:traps|informs))?(?: version \\S{1,4}(?: (?:auth|noauth|priv))?)? ${BARE}`,
    `\\bsnmp-server user [^\\n]{1,120}? auth (?:md5|sha)\\S{0,8} ${BARE}`,
    `\\bsnmp-server user [^\\n]{1,200}? priv (?:des|3des|aes)\\S{0,4}(?: \\d{3})? ${BARE}`,
    `\\b(?:ro|rw)community6? ${BARE}`,
    `\\bcom2sec6? \\S{1,100} \\S{1,100} ${BARE}`,
    `\\bset snmp community ${BARE}`,
    `\\bcommunity(?:[ -]?(?:string|name))?["']?[ \\t]{0,3}[:=][ \\t]{0,3}${VALUE}`,
    `\\bsnmp(?:walk|get|getnext|bulkwalk|bulkget|set|table)\\b[^\\n]{0,200}? -(?:c|A|X) ?${BARE}`,
  ],
  'device secret': [
    `\\benable (?:secret|password)(?: level \\d{1,2})?(?: \\d{1,2}| sha512)? ${BARE}`,
    `\\busername \\S{1,100}(?: privilege \\d{1,2})?(?: role \\S{1,60})? (?:secret|password)(?: \\d{1,2}| sha512)? ${BARE}`,
    `\\b(?:key|key-string|secret|password|md5|authentication-key|pre-shared-key(?: local| remote)?|message-digest-key \\d{1,3} md5) [0-9] ${BARE}`,
    `\\b(?:tacacs|radius)(?:-server)?\\b[^\\n]{0,160}? (?:key|secret)(?: \\d)? ${BARE}`,
    `\\bneighbor \\S{1,60} password(?: \\d)? ${BARE}`,
    `\\bcrypto isakmp key(?: \\d)? ${BARE}`,
    `\\bpre-shared-key(?: local| remote)?(?: ascii-text| hexadecimal)? ${BARE}`,
    `\\b(?:encrypted-password|plain-text-password-value|authentication-key|ascii-text) ${BARE}`,
    `\\bset (?:passwd|password|psksecret|key|passphrase|secret|private-key)(?: ENC)? ${BARE}`,
    `\\b(?:wpa-psk|wpa_passphrase|psk)(?: (?:ascii|hex))?(?: \\d)?[ =]${VALUE}`,
    '<(?:phash|pre-shared-key|private-key|secret|community|key)>(?<secret>[^<\\n]{1,2000})</',
  ],
  'password hash': ['(?<![\\w$])\\$(?:1|2[abxy]?|5|6|7|8|9|14|y|gy|sha1|argon2(?:id?|d))\\$[^\\s"\'<>]{8,300}'],
  token: [
    '\\bBearer[ =:]{1,3}(?<secret>[A-Za-z0-9._~+/=-]{8,2000})',
    '\\bauthorization["\']?[ \\t]{0,3}[:=][ \\t]{0,3}["\']?(?:basic|digest|token|ntlm|negotiate) (?<secret>[^\\s"\']{4,2000})',
    `\\b(?:${TOKEN_NAME})["']?[ \\t]{0,3}(?:[:=]|\\t)[ \\t]{0,3}(?!["']?(?:bearer|basic|digest|token|ntlm|negotiate)\\b)(?!null\\b|true\\b|false\\b)${VALUE}`,
    '\\beyJ[\\w-]{8,4000}\\.[\\w-]{8,8000}\\.[\\w-]{8,2000}',
    '\\b(?:glpat|gldt|glrt|glcbt|glptt|glsoat|glft|gloas)-[\\w.-]{16,300}',
    '\\b(?:gh[pousr]_[A-Za-z0-9]{20,255}|github_pat_\\w{20,255}|xox[abeoprs]-[\\w-]{10,255}|npm_[A-Za-z0-9]{30,80})',
  ],
  'cloud key': [
    '\\b(?:AKIA|ASIA|AIDA|AROA)[0-9A-Z]{16}\\b',
    `\\b(?:aws_)?secret_access_key["']?[ \\t]{0,3}[:=][ \\t]{0,3}${VALUE}`,
    '\\bAIza[\\w-]{35}\\b',
    '\\b(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,200}',
    '\\b(?:AccountKey|SharedAccessKey|SharedAccessSignature)=(?<secret>[^\\s;"\']{8,300})',
  ],
};

/** The rules that are ours, without those that are named off. */
export function builtInRules(off: readonly RedactionName[]): RedactionRule[] {
  return REDACTION_NAMES.filter(name => !off.includes(name)).flatMap(name =>
    PATTERNS[name].map(pattern => ({ name, pattern, flags: 'i' })),
  );
}
