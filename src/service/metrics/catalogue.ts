/** One metric of ours, as it is registered and as docs/metrics.md lists it. */
export interface MetricRow {
  kind: 'counter' | 'gauge' | 'histogram';
  help: string;
  labels?: readonly string[];
  /** Seconds. */
  buckets?: readonly number[];
}

/** Every metric of ours; whatever is not in this table cannot be registered. */
export const METRICS = {
  signalbox_info: { kind: 'gauge', help: 'Always 1, with the version of the program.', labels: ['version'] },
  signalbox_deliveries_total: {
    kind: 'counter',
    help: 'Webhook requests by source and outcome: accepted, refused.',
    labels: ['source', 'outcome'],
  },
  signalbox_intake_unread_bytes: {
    kind: 'gauge',
    help: 'Acknowledged deliveries that wait to be read, in bytes.',
  },
  signalbox_delivery_lag_seconds: {
    kind: 'histogram',
    help: 'From a delivery’s arrival until its keys were named, by source and origin: pushed, backfilled.',
    labels: ['source', 'origin'],
    buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300],
  },
  signalbox_work_keys: {
    kind: 'gauge',
    help: 'Keys by kind and state: due, running, laid_aside (a dead letter: waits for a person).',
    labels: ['kind', 'state'],
  },
  signalbox_work_overdue_seconds: {
    kind: 'gauge',
    help: 'How long the key that has waited longest should have been looked at already.',
  },
  signalbox_look_seconds: {
    kind: 'histogram',
    help: 'Looks at keys by kind and result: done, failed.',
    labels: ['kind', 'result'],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  },
  signalbox_effects_total: {
    kind: 'counter',
    help: 'Changes made outside, by automation and outcome: done, found (done by an earlier try), failed.',
    labels: ['automation', 'outcome'],
  },
  signalbox_remote_requests_total: {
    kind: 'counter',
    help: 'HTTP requests sent, by host, method and status; the status is `error` where no answer came.',
    labels: ['host', 'method', 'status'],
  },
  signalbox_remote_request_seconds: {
    kind: 'histogram',
    help: 'From sending a request until the head of its answer, by host.',
    labels: ['host'],
    buckets: [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  },
  signalbox_api_budget_remaining: {
    kind: 'gauge',
    help: 'Requests that GitLab or Freshdesk still allow in the present window, as their last answer said.',
    labels: ['service'],
  },
  signalbox_token_expiry_timestamp_seconds: {
    kind: 'gauge',
    help: 'When a token of ours ends, as GitLab said at the last look at it (daily); none for one that never ends.',
    labels: ['token'],
  },
  signalbox_releases: {
    kind: 'gauge',
    help: 'The releases changed last (up to 500), by product and state.',
    labels: ['product', 'state'],
  },
  signalbox_release_runs: {
    kind: 'gauge',
    help: 'The runs of those releases’ scripts, by product, environment and state.',
    labels: ['product', 'environment', 'state'],
  },
  signalbox_releases_failing: {
    kind: 'gauge',
    help: 'Lines whose newest run in an environment has failed and waits for a person, as the page Now shows them.',
    labels: ['product', 'environment'],
  },
  signalbox_failed_tries_total: {
    kind: 'counter',
    help: 'Sign-ins and Bearer tokens that were wrong.',
  },
  signalbox_config_reload_ok: {
    kind: 'gauge',
    help: '1 when the configuration in use is the one in the file; 0 after a reload that was refused.',
  },
  signalbox_config_loaded_timestamp_seconds: {
    kind: 'gauge',
    help: 'When the configuration in use was taken up.',
  },
  signalbox_disk_free_bytes: { kind: 'gauge', help: 'Free on the disk of `service.data_dir`.' },
  signalbox_database_bytes: { kind: 'gauge', help: 'The SQLite database and its write-ahead log.' },
  signalbox_journal_rows: { kind: 'gauge', help: 'Rows of the journal.' },
} as const satisfies Record<string, MetricRow>;

export type MetricName = keyof typeof METRICS;

/** docs/metrics.md. */
export function metricsReference(): string {
  const rows = Object.entries(METRICS).map(([name, row]: [string, MetricRow]) => {
    const labels = (row.labels ?? []).map(label => `\`${label}\``).join(', ');
    return `| \`${name}\` | ${row.kind} | ${labels} | ${row.help} |`;
  });
  return `# Metrics

Written from \`src/service/metrics/catalogue.ts\` by \`npm run docs\`.

\`GET /metrics\` is Prometheus' text format, for whoever has a token of \`service.api_tokens\` (a viewer is enough):

\`\`\`yaml prometheus
scrape_configs:
  - job_name: signalbox
    authorization: { credentials_file: /etc/prometheus/signalbox-token }
    static_configs: [{ targets: ["signalbox.example.com"] }]
    scheme: https
\`\`\`

[examples/grafana-dashboard.json](../examples/grafana-dashboard.json) shows them, [examples/alerts.yml](../examples/alerts.yml) watches them.

| metric | type | labels | meaning |
|---|---|---|---|
${rows.join('\n')}

Beside these: \`process_*\` and \`nodejs_*\` of the process itself (CPU, memory, open files, event loop, garbage collection).
`;
}
