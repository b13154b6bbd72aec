import { alertStatus } from '../delivery/auto-disable.ts';
import type { HookLogRecord, HookRecord } from '../state/records.ts';
import { since, type World } from '../state/world.ts';

export function presentHook(world: World, hook: HookRecord): Record<string, unknown> {
  const { events } = hook;
  return {
    id: hook.id,
    url: hook.url,
    name: hook.name,
    description: hook.description,
    created_at: hook.createdAt,
    push_events: events.push_events,
    tag_push_events: events.tag_push_events,
    merge_requests_events: events.merge_requests_events,
    repository_update_events: events.repository_update_events,
    enable_ssl_verification: hook.enableSslVerification,
    alert_status: alertStatus(world, hook),
    disabled_until: hook.disabledUntil,
    url_variables: [...hook.urlVariables.keys()].map(key => ({ key })),
    push_events_branch_filter: hook.branchFilter,
    branch_filter_strategy: hook.branchFilterStrategy,
    custom_webhook_template: hook.customTemplate,
    custom_headers: [...hook.customHeaders.keys()].map(key => ({ key })),
    // Since 19: whether tokens are set; the tokens themselves are never shown.
    ...(since(world, 19)
      ? { token_present: hook.token !== null, signing_token_present: hook.signingToken !== null }
      : {}),
    ...(hook.kind === 'project' ? { project_id: hook.projectId } : {}),
    ...(hook.kind === 'group'
      ? { group_id: hook.groupId, subgroup_events: false, member_events: false, project_events: false }
      : {}),
    ...(hook.kind === 'system' ? { organization_id: 1 } : otherEvents(events)),
  };
}

function otherEvents(events: HookRecord['events']): Record<string, boolean> {
  return {
    issues_events: events.issues_events,
    confidential_issues_events: events.confidential_issues_events,
    note_events: events.note_events,
    confidential_note_events: events.confidential_note_events,
    pipeline_events: events.pipeline_events,
    wiki_page_events: events.wiki_page_events,
    deployment_events: events.deployment_events,
    feature_flag_events: events.feature_flag_events,
    job_events: events.job_events,
    releases_events: events.releases_events,
    milestone_events: events.milestone_events,
    emoji_events: events.emoji_events,
    resource_access_token_events: events.resource_access_token_events,
  };
}

/** One line of the delivery log, with the whole body that was sent: this is how a lost event can be had after all. */
export function presentHookLog(log: HookLogRecord): Record<string, unknown> {
  return {
    id: log.id,
    url: log.url,
    trigger: log.trigger,
    request_headers: log.requestHeaders,
    request_data: parse(log.requestBody),
    response_headers: log.responseHeaders,
    response_body: log.responseBody,
    response_status: log.responseStatus,
    execution_duration: log.executionDuration,
  };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}
