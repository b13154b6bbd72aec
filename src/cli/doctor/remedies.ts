/**
 * Everything that the doctor can find wrong, in the order in which it looks: the line that says it, what is the matter, and what to do.
 * `{words}` stand for what the line itself names. From here they become the doctor's lines and docs/troubleshooting.md.
 */
export const REMEDIES = {
  'secret missing': {
    line: 'secret …',
    wrong: 'It is not there, is empty, or may not be read.',
    remedy: 'Put the secret there, or correct the place.',
  },
  'secret open': {
    line: 'secret …',
    wrong: 'Others may read it.',
    remedy: 'Let only the user of the service read it.',
  },
  'secret short': {
    line: 'secret …',
    wrong: 'It is short enough to be guessed.',
    remedy: 'Make one with: openssl rand -base64 33',
  },
  'disk low': {
    line: 'free disk',
    wrong: 'Less than 1 GiB is free for `service.data_dir`.',
    remedy: 'Make room before it runs out.',
  },
  'disk below a release': {
    line: 'free disk',
    wrong: 'Less is free than a release may have.',
    remedy: 'Make room, or lower max_size.',
  },
  'database silent': {
    line: 'database',
    wrong: 'PostgreSQL does not answer, or does not let the user in.',
    remedy: 'As the code in the line asks: {advice}',
  },
  'database old': {
    line: 'database',
    wrong: 'The server is older than PostgreSQL 14.',
    remedy: 'Update the server: PostgreSQL 14 is the oldest that will do.',
  },
  'database standby': {
    line: 'database',
    wrong: 'The server is a standby, which can only be read.',
    remedy: 'Name the primary in service.database.',
  },
  'no schema': {
    line: 'database rights',
    wrong: 'There is no schema that the user can see.',
    remedy: "As the database's owner: create schema {user} authorization {user};",
  },
  'no right to create tables': {
    line: 'database rights',
    wrong: 'The user may make no tables.',
    remedy: "As the schema's owner: grant create on schema {schema} to {user};",
  },
  'tables of others': {
    line: 'database rights',
    wrong: 'Tables belong to another user: an update could not change them.',
    remedy: 'As their owner, for each: alter table {table} owner to {user};',
  },
  'schema old': {
    line: 'database schema',
    wrong: 'It is older than this version.',
    remedy: 'Back it up; the next start of this version brings it up to date, while the others go on.',
  },
  'schema too new': {
    line: 'database schema',
    wrong: 'A newer version has changed it.',
    remedy: 'As the code in the line asks: {advice}',
  },
  'database clock': {
    line: 'database clock',
    wrong: 'The clocks of the server and of this machine are 5 s or more apart.',
    remedy: 'Set both clocks by NTP. Leases are safe meanwhile: they go by the server’s.',
  },
  'bucket refused': {
    line: 'artifact bucket',
    wrong: 'It does not answer, or refuses the key.',
    remedy: 'As the code in the line asks: {advice}',
  },
  'bucket replaces': {
    line: 'artifact bucket',
    wrong: 'The server ignores `If-None-Match`: it would replace a release.',
    remedy: 'Use a server with conditional writes, or a version of it that has them.',
  },
  'bucket does not list': {
    line: 'artifact bucket',
    wrong: 'An object that was just put is not listed.',
    remedy: 'Use a server whose lists are true at once.',
  },
  'bucket keeps': {
    line: 'artifact bucket',
    wrong: 'A removed object is still there.',
    remedy: 'Allow the key to delete objects (s3:DeleteObject).',
  },
  'bucket not encrypted': {
    line: 'artifact bucket address',
    wrong: 'It is not encrypted: artifacts can be read on their way.',
    remedy: 'Use https, where the network is not your own.',
  },
  'no webhook secret': {
    line: 'webhook secret',
    wrong: '`gitlab.webhook` is empty, and the service does not start.',
    remedy: 'Add one to gitlab.webhook and to the webhook in GitLab.',
  },
  'no script': {
    line: 'release script of …',
    wrong: 'It does not exist.',
    remedy: 'Put the script there, or correct releases.products.',
  },
  'script is no file': {
    line: 'release script of …',
    wrong: 'It is no file.',
    remedy: 'Name a script in releases.products.',
  },
  'script not executable': {
    line: 'release script of …',
    wrong: 'The user of the service may not execute it.',
    remedy: 'Allow it: chmod u+rx {script}, as its owner.',
  },
  'script writable': {
    line: 'release script of …',
    wrong: 'Others than its owner may write it, or its directory.',
    remedy: 'Take that right away: chmod go-w {path}',
  },
  'script of another user': {
    line: 'release script of …',
    wrong: 'It, or its directory, belongs to another user.',
    remedy: 'Let it belong to root, or to the user of the service.',
  },
  'service not running': {
    line: 'service',
    wrong: 'It does not run here.',
    remedy: 'Start it with: signalbox serve',
  },
  'no public address': {
    line: 'public address',
    wrong: 'It is not set: links and webhooks go to the address that the service listens on.',
    remedy: 'Set service.public_url to the address that browsers use.',
  },
  'public address silent': {
    line: 'public address',
    wrong: 'It does not lead here.',
    remedy: 'Check DNS, certificate and proxy; docs/operations.md has an example for nginx.',
  },
  'freshdesk unreachable': {
    line: 'freshdesk reachable',
    wrong: 'It does not answer, or refuses the key.',
    remedy: 'Check freshdesk.domain (not a domain of your own) and freshdesk.api_key.',
  },
  'freshdesk scope': {
    line: 'freshdesk tickets',
    wrong: 'The key does not see all tickets.',
    remedy: 'Give its agent the scope "Global access".',
  },
  'no freshdesk secret': {
    line: 'freshdesk webhooks',
    wrong: 'There is no `freshdesk.webhook_secret`, and they are refused.',
    remedy: 'Name a secret in freshdesk.webhook_secret, and send it as X-Signalbox-Secret in the automation rule.',
  },
  'no agents': {
    line: 'escalation agents',
    wrong: 'Nobody may press the button.',
    remedy: 'Add one entry with a token for each support engineer.',
  },
  'no ticket field': {
    line: 'freshdesk link field',
    wrong: 'There is no such field.',
    remedy: 'Correct escalation.link_field, or create it in Freshdesk.',
  },
  'ticket fields unseen': {
    line: 'freshdesk link field',
    wrong: 'Whether it is there cannot be seen.',
    remedy: 'Only administrators see ticket fields.',
  },
  'gitlab unreachable': {
    line: 'gitlab reachable',
    wrong: 'It does not answer, or refuses the token.',
    remedy: 'Check gitlab.url and gitlab.token.',
  },
  'gitlab old': {
    line: 'gitlab reachable',
    wrong: 'It is older than 16.',
    remedy: 'Update GitLab: older versions are not tested.',
  },
  'token untold': {
    line: 'gitlab token, gitlab ops token',
    wrong: 'GitLab does not tell its scopes.',
    remedy: 'Use a project or group access token.',
  },
  'token scope': {
    line: 'gitlab token scope',
    wrong: 'The scope `api` is lacking.',
    remedy: 'Make a token with the scope api for {setting}.',
  },
  'token expires': {
    line: 'gitlab token expiry',
    wrong: 'It runs out within two weeks.',
    remedy: 'Make a new token and put it in the place of {setting}; SIGHUP takes it up.',
  },
  'clock off': {
    line: 'clock',
    wrong: 'This machine and GitLab are a minute or more apart: signed webhooks are refused.',
    remedy: 'Set this machine’s clock by NTP.',
  },
  'no sign-in': {
    line: 'sign-in',
    wrong: 'Nobody can sign in to the dashboard.',
    remedy: 'Add service.dashboard; docs/sign-in.md says how.',
  },
  'sign-in elsewhere': {
    line: 'sign-in',
    wrong: 'GitLab does not answer, or calls itself by another address.',
    remedy: 'Check that this machine reaches GitLab, and that its external_url is the address in the configuration.',
  },
  'no such group': {
    line: 'sign-in groups',
    wrong: 'The bot does not see a group of `gitlab_oauth`.',
    remedy: 'Check the spelling: members of a group that is not there cannot come in.',
  },
  'no library': {
    line: 'library_tags …',
    wrong: 'The bot sees no project that matches.',
    remedy: 'Check the spelling, and add the bot as Developer to the projects or their group.',
  },
  'no project': {
    line: '…, the project alone',
    wrong: 'The bot does not see it.',
    remedy: 'Check the spelling, and add the bot as Developer.',
  },
  'role too low': {
    line: '… role',
    wrong: 'The role of the bot is too low.',
    remedy: 'Give the bot the role {role}: {purpose} needs it.',
  },
  'ops role too low': {
    line: '… ops role',
    wrong: '`gitlab.ops_token` may not look at the webhooks.',
    remedy: 'Give the user of gitlab.ops_token the role Maintainer, or name the token of another one.',
  },
  'hooks unseen': {
    line: '… webhook',
    wrong: 'It cannot be looked at.',
    remedy: 'Set gitlab.ops_token (Maintainer), so that lost deliveries are fetched, too. It has to send {events}.',
  },
  'no webhook': {
    line: '… webhook',
    wrong: 'None sends here.',
    remedy: 'Add it, with the secret: {events}. `signalbox doctor --fix` does.',
  },
  'no webhook, no address': {
    line: '… webhook',
    wrong: 'None sends here, and `service.public_url` is not set.',
    remedy: 'Add it, with the secret: {events}. With service.public_url set, `signalbox doctor --fix` does.',
  },
  'webhook off': {
    line: '… webhook',
    wrong: 'GitLab has switched it off.',
    remedy: 'A running service switches it on again.',
  },
  'events missing': {
    line: '… webhook',
    wrong: 'It lacks events.',
    remedy: 'Switch them on in the webhook; `signalbox doctor --fix` does.',
  },
  'group events missing': {
    line: '… webhook',
    wrong: 'That of the group lacks events.',
    remedy: 'Switch them on in the webhook of the group.',
  },
  'system events missing': {
    line: '… webhook',
    wrong: 'A system hook does not send all events; what they would tell is seen within ten minutes.',
    remedy: 'Add a webhook of the project or of a group for them, to hear of it at once.',
  },
  'no line branch': {
    line: '… line …',
    wrong: 'The line’s branch is not there.',
    remedy: 'Correct `lines`.',
  },
  'threads optional': {
    line: '… threads',
    wrong: 'An open thread does not hold up a merge.',
    remedy: 'Switch on Settings > Merge requests > "All threads must be resolved"; `signalbox doctor --fix` does.',
  },
  'threads optional, no ops token': {
    line: '… threads',
    wrong: 'The same, and there is no `gitlab.ops_token`.',
    remedy:
      'Switch on Settings > Merge requests > "All threads must be resolved"; with gitlab.ops_token (Maintainer) `--fix` does.',
  },
  'no column label': {
    line: '… board labels',
    wrong: 'A column has no label.',
    remedy: 'Correct `columns`, or let `signalbox doctor --fix` create them. Until then no issue is moved there.',
  },
  'no column list': {
    line: '… board lists',
    wrong: 'There is no board, or it has no list for a column.',
    remedy: 'Make one with these lists, from left to right: {columns}. `signalbox doctor --fix` does.',
  },
  'no group list': {
    line: '… board lists',
    wrong: 'A board of the group has no list for a column.',
    remedy: 'Add them there, from left to right: {columns}.',
  },
  'lists out of order': {
    line: '… board lists',
    wrong: 'The lists are in another order than the columns.',
    remedy: 'Drag its lists into the order of `columns`, or change `columns`.',
  },
  'merges close': {
    line: '… autoclose',
    wrong: '"Closes #1" closes the issue at a merge, and it never shows in To Test.',
    remedy:
      'Set `reopen: true`, or switch off Settings > Repository > Branch defaults > "Auto-close referenced issues on default branch", or write "Part of #1".',
  },
  'scopes differ': {
    line: '… scoped labels',
    wrong: 'The columns do not share one scope.',
    remedy: 'Give all columns one scope, as in workflow::To Do, workflow::To Test, or none.',
  },
  'no escalation label': {
    line: '… escalation label',
    wrong: 'There is no such label.',
    remedy:
      'Correct `escalation.labels`, or let `signalbox doctor --fix` create it. GitLab makes one with the first issue.',
  },
  'public files': {
    line: '… visibility',
    wrong: 'The project is public, and so are files of escalated tickets.',
    remedy: 'Make the project internal or private: files of confidential issues follow the project.',
  },
  'no race label': {
    line: '… race label',
    wrong: 'There is no such label.',
    remedy: 'Correct `races.label`, or let `signalbox doctor --fix` create it. Until then no race is filed.',
  },
  'no boxes': {
    line: '… race sources',
    wrong: '`races.sources` is empty.',
    remedy: 'Add one entry with a token for each soak box. Until then nobody may report.',
  },
  'suppressions invalid': {
    line: '… race suppressions',
    wrong: 'The file has a fault.',
    remedy: 'Correct the file; an entry with a fault suppresses nothing.',
  },
  'repository unreadable': {
    line: '… repository',
    wrong: 'It cannot be read over git.',
    remedy: 'Give the token the scope api (or read_repository and write_repository), and allow git over HTTP.',
  },
  'no default branch': {
    line: '… default branch',
    wrong: 'The library is empty or archived.',
    remedy: 'Push the first commit, or leave the project out of library_tags.projects.',
  },
  'branch unprotected': {
    line: '… default branch',
    wrong: 'It is not protected, and `keyless` tags for protected branches only.',
    remedy: 'Protect {branch}, or set library_tags.keyless.ref_protected: false. Until then its jobs get no tag.',
  },
  'tag rules unseen': {
    line: '… protected tags',
    wrong: 'The rules cannot be looked at.',
    remedy:
      'Set gitlab.ops_token (Maintainer). Where tags such as v* are protected, the bot must be allowed to create them.',
  },
  'tags protected': {
    line: '… protected tags',
    wrong: 'A rule keeps the bot from creating the next tag, or may do so.',
    remedy: 'In Settings, Repository, Protected tags, let the bot or the role Developers + Maintainers create {rules}.',
  },
  'module path': {
    line: '… module path',
    wrong: 'go could not use a tag of this go.mod.',
    remedy: 'Correct the module path in go.mod as it says. Until then there are no tags.',
  },
  'look-alike tags': {
    line: '… versions',
    wrong: 'Tags that go does not see.',
    remedy: 'Leave them: their numbers are not given again, and the next update has a version that go sees.',
  },
  'ignored tags': {
    line: '… versions',
    wrong: 'Tags that go ignores with this module path.',
    remedy:
      'Put the major version at the end of the module path, in go.mod and in all imports, or go on with the major version of the path.',
  },
  'tags of no commit': {
    line: '… versions',
    wrong: 'Tags of what is no commit.',
    remedy: 'Delete these tags: nobody can have used them.',
  },
  'stray version': {
    line: '… versions',
    wrong: 'The highest version is not in the default branch.',
    remedy: 'Merge its commit into {branch}, or retract the version in a higher one.',
  },
} as const satisfies Record<string, DoctorRow>;

/** One row of the table. */
interface DoctorRow {
  line: string;
  wrong: string;
  remedy: string;
}

type Fault = keyof typeof REMEDIES;
type Words<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | Words<Rest> : never;
type Filled<Name extends string> = [Name] extends [never] ? [] : [Record<Name, string>];

/** What to do about it, with the words filled in. */
export function remedy<Of extends Fault>(fault: Of, ...filled: Filled<Words<(typeof REMEDIES)[Of]['remedy']>>): string {
  const words: Record<string, string> = filled[0] ?? {};
  return REMEDIES[fault].remedy.replaceAll(/\{(\w+)\}/g, (_all, name: string) => words[name] ?? '');
}
