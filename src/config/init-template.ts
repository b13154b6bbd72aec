/**
 * The first `signalbox.yaml`. What has to be filled in stands in angle brackets, and `config check` names every place
 * that still does; the rest works as it is.
 */
export function initTemplate(): string {
  return `# yaml-language-server: $schema=./signalbox.schema.json
#
# Signalbox. The line above gives completion and help in editors, after:
#   signalbox config schema > signalbox.schema.json
#
# Fill in what stands in <angle brackets>, then: signalbox config check
# Every field is explained in docs/config.md. Keys that are not known are errors.
#
# Secrets never stand in this file. Say where they are:
#   { file: secrets/gitlab-token }      a file that holds nothing else (paths count from this file's directory)
#   { env: GITLAB_TOKEN }               an environment variable
#   { credential: gitlab-token }        a systemd credential (LoadCredential= in the unit)

service:
  listen: 127.0.0.1:8080                # 0.0.0.0:8080 to be reachable from other machines
  public_url: <https://signalbox.example.com>
  data_dir: signalbox-data              # the database lives here; in production for example /var/lib/signalbox
  database: sqlite                      # or { postgres: { env: DATABASE_URL } }, for several processes
  # dashboard: { token: { file: secrets/dashboard-token } }   # or gitlab_oauth: docs/sign-in.md
  # api_tokens:
  #   - { name: grafana, role: viewer, token: { file: secrets/grafana-token } }

gitlab:
  url: <https://gitlab.example.com>
  token: { file: secrets/gitlab-token }             # of a bot with the role Developer, scope api
  # ops_token: { file: secrets/gitlab-ops-token }   # role Maintainer: fetches webhook deliveries that got lost
  webhook:                                          # the same secret as at the webhook in GitLab; one is enough
    secret_tokens: [ { file: secrets/webhook-secret } ]
    # signing_tokens: [ { file: secrets/webhook-signing-token } ]   # GitLab 19 and newer; better, if you have it

lines:                                  # the release lines, newest first; names in quotes
  - { name: "<5.5>", branch: main }
  - { name: "<5.4>", branch: <release/5.4> }

version_check:                          # no merge request may carry one line's commits into an older one
  projects:
    <group/project>:
      version: [ { file: VERSION } ]    # also package.json, pom.xml, Cargo.toml …, or { branch: 'release/(.+)' }
      compare: 2                        # 5.3.1 belongs to the line 5.3
      gate: [thread]                    # needs "All threads must be resolved" in the project's merge checks
      override: { role: maintainer }    # who may waive
`;
}
