import { readBlocks } from './blocks.ts';

export interface Command {
  name: string;
  argument: string;
}

/** Every name GitLab takes for a command: a line with any other word stays text. */
const NAMES = new Set(
  `add_child add_contacts add_email approve assign assign_reviewer award blocked_by blocks board_move cc clear_health_status clear_weight
  clone close confidential convert_to_ticket copy_metadata create_merge_request done draft due duplicate epic estimate health_status invite_email
  iteration label labels link lock merge milestone move page parent promote promote_to promote_to_incident publish react ready reassign
  reassign_reviewer rebase relabel relate remove_child remove_contacts remove_due_date remove_email remove_epic remove_estimate
  remove_iteration remove_label remove_milestone remove_parent remove_time_spent remove_zoom reopen request_review request_changes
  set_parent severity shrug spend spend_time status submit_review subscribe tableflip tag target_branch timeline title todo type unapprove
  unassign unassign_reviewer unlabel unlink unlock unrelate unsubscribe weight wip work_item zoom`
    .split(/\s+/)
    .filter(name => name !== ''),
);

/**
 * Takes the quick actions out of a text, as GitLab does with descriptions and notes created through its API: a line of a
 * top-level paragraph that starts with `/` and a known word. Code, quotes, lists, HTML and tables hold none.
 * Before 17 the rule was a regular expression over lines, which also ran lines that Markdown folds into a quote or a list.
 */
export function extractCommands(
  source: string,
  options: { byLines?: boolean } = {},
): { text: string; commands: Command[] } {
  const commands: Command[] = [];
  const kept: string[] = [];
  for (const line of readBlocks(source)) {
    const candidate =
      options.byLines === true ? line.kind !== 'code' && line.kind !== 'html' : line.kind === 'paragraph';
    const match = candidate ? /^\/([A-Za-z_]+)(?:[ \t]+(.*?))?\s*$/.exec(line.text) : null;
    const name = match?.[1]?.toLowerCase();
    if (name !== undefined && NAMES.has(name)) commands.push({ name, argument: match?.[2] ?? '' });
    else kept.push(line.text);
  }
  if (commands.length === 0) return { text: source, commands };
  return { text: kept.join('\n').trim(), commands };
}
