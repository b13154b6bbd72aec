import type { AgentRecord, CompanyRecord, ContactRecord } from '../state/records.ts';
import { time } from './time.ts';

export function agent(record: AgentRecord): Record<string, unknown> {
  return {
    available: true,
    occasional: false,
    id: record.id,
    ticket_scope: record.ticketScope,
    created_at: time(record.createdAt),
    updated_at: time(record.createdAt),
    last_active_at: time(record.createdAt),
    available_since: null,
    type: 'support_agent',
    contact: {
      active: true,
      email: record.email,
      job_title: null,
      language: 'en',
      last_login_at: time(record.createdAt),
      mobile: null,
      name: record.name,
      phone: null,
      time_zone: 'London',
      created_at: time(record.createdAt),
      updated_at: time(record.createdAt),
    },
    signature: null,
  };
}

export function contact(record: ContactRecord): Record<string, unknown> {
  return {
    active: false,
    address: null,
    company_id: record.companyId,
    created_at: time(record.createdAt),
    custom_fields: {},
    deleted: false,
    description: null,
    email: record.email,
    id: record.id,
    job_title: null,
    language: 'en',
    mobile: null,
    name: record.name,
    other_companies: [],
    other_emails: [],
    phone: record.phone,
    tags: [],
    time_zone: 'London',
    twitter_id: null,
    unique_external_id: null,
    updated_at: time(record.createdAt),
    view_all_tickets: false,
  };
}

export function company(record: CompanyRecord): Record<string, unknown> {
  return {
    id: record.id,
    name: record.name,
    description: null,
    domains: record.domains,
    note: null,
    custom_fields: {},
    created_at: time(record.createdAt),
    updated_at: time(record.createdAt),
    health_score: null,
    account_tier: record.accountTier,
    renewal_date: null,
    industry: null,
  };
}
