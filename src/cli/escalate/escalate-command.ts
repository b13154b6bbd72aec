import { setTimeout as sleep } from 'node:timers/promises';
import type { EscalationPreview } from '../../automations/escalation/preview.ts';
import type { TicketView } from '../../automations/escalation/view.ts';
import { loadConfig } from '../../config/load-config.ts';
import { SignalboxError } from '../../errors.ts';
import { startService } from '../../service/compose.ts';
import { connect, type Installation } from '../connect.ts';
import { lookOnce } from '../look-once.ts';
import { type CommonOptions, print, printJson } from '../options.ts';
import { progressBar } from '../progress-bar.ts';
import { previewTicket } from './preview-ticket.ts';

export interface EscalateOptions extends CommonOptions {
  follow?: boolean;
  dryRun?: boolean;
  wait: boolean;
  reindex?: boolean;
}

const POLL = 200;

/** Escalates a ticket through the service where one runs, else with one of its own for so long. */
export async function escalateCommand(text: string | undefined, options: EscalateOptions): Promise<void> {
  const { settings } = await loadConfig(options.config, { environment: process.env });
  if (!settings.escalation) throw new SignalboxError('SBX_USAGE', `${options.config} has no section escalation`);
  if (options.reindex) {
    if (text !== undefined) throw new SignalboxError('SBX_USAGE', '--reindex reads all issues and takes no ticket');
    const look = await lookOnce(`escalation-index:${settings.escalation.project}`, {
      config: options.config,
      dryRun: false,
    });
    if (options.json) printJson(look);
    else print(`${settings.escalation.project}: ${look.decision.verdict}`);
    return;
  }
  const ticket = parseTicket(text);
  if (options.dryRun) {
    const preview = await previewTicket(ticket, settings);
    if (options.json) printJson(preview);
    else printPreview(preview);
    return;
  }
  const view = await withService(options.config, installation => escalate(ticket, installation, options));
  if (options.json) printJson(view);
  else printView(view);
  if (view.state === 'failed') process.exitCode = 1;
}

async function withService<T>(config: string, call: (installation: Installation) => Promise<T>): Promise<T> {
  const installation = await connect(config);
  if (installation.running) return call(installation);
  const { settings } = installation;
  await installation.close();
  const listen = { ...settings.service.listen, port: 0 };
  const service = await startService({
    settings: { ...settings, service: { ...settings.service, listen } },
    environment: process.env,
    logLevel: 'error',
  });
  try {
    return await call(await connect(config));
  } finally {
    await service.stop();
  }
}

async function escalate(ticket: number, installation: Installation, options: EscalateOptions): Promise<TicketView> {
  const body = { ticket_id: ticket, ...(options.follow && { follow: true }) };
  let view = await installation.call<TicketView>('POST', '/v1/escalations', body);
  const bar = progressBar(process.stderr);
  while (options.wait && view.state === 'running') {
    const { done, total, step } = view.progress ?? { done: 0, total: 0, step: 'issue' };
    bar.show(
      total === 0 ? 0 : done / total,
      view.waiting ?? `${step} ${done}/${total || '?'} ${view.issue?.url ?? ''}`,
    );
    await sleep(POLL);
    view = await installation.call('GET', `/v1/escalations/${ticket}`);
  }
  bar.end();
  return view;
}

/** `101`, or the address of the ticket's page. */
function parseTicket(text: string | undefined): number {
  const number =
    /^#?(\d{1,15})$/.exec(text ?? '')?.[1] ?? /\/tickets\/(?:archived\/)?(\d{1,15})(?:[/?#]|$)/.exec(text ?? '')?.[1];
  if (number === undefined || Number(number) === 0) {
    throw new SignalboxError(
      'SBX_USAGE',
      text === undefined ? 'name a ticket' : `${text} is no ticket: write 101, or its address`,
    );
  }
  return Number(number);
}

function printView({ ticket_id: ticket, state, issue, warnings, error }: TicketView): void {
  print(`ticket ${ticket}: ${state.replaceAll('_', ' ')}${issue ? `, ${issue.url}` : ''}`);
  for (const warning of warnings) print(`  ${warning}`);
  if (error) print(`  ${error.code}: ${error.detail}`);
}

function printPreview({ title, description, comments, files, warnings, similar }: EscalationPreview): void {
  print(`# ${title}\n\n${description}`);
  for (const { body, internal } of comments) print(`\n----- comment${internal ? ' (internal)' : ''}\n${body}`);
  print('');
  for (const { name, size, copied, reason } of files)
    print(`file ${name} (${size ?? '?'} bytes)${copied ? '' : `: ${reason}`}`);
  for (const warning of warnings) print(`warning: ${warning}`);
  for (const { url, title: text } of similar) print(`similar: ${text} ${url}`);
}
