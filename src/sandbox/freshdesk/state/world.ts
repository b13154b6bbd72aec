import { randomBytes } from 'node:crypto';
import { FaultBook } from '../../control/faults.ts';
import type {
  AgentRecord,
  CompanyRecord,
  ContactRecord,
  FileRecord,
  TicketRecord,
  WebhookDelivery,
  WebhookRecord,
} from './records.ts';

/** Calls per minute; the defaults are Freshdesk's Enterprise plan. */
export interface Limits {
  total: number;
  create: number;
  update: number;
  list: number;
}

export interface Settings {
  limits: Limits;
  /** How long a pre-signed URL of an attachment lives, in seconds. */
  attachmentTtl: number;
  /** Custom fields without which the ticket form refuses an update. */
  requiredFields: string[];
  /** Waits before the second, third and fourth attempt of a webhook, in ms. */
  webhookRetries: number[];
  webhookTimeoutMs: number;
  /** Webhooks leave in no promised order, each after a wait of up to so many ms. */
  webhookSpreadMs: number;
}

export const DEFAULT_SETTINGS: Settings = {
  limits: { total: 700, create: 280, update: 280, list: 200 },
  attachmentTtl: 300,
  requiredFields: ['cf_product'],
  webhookRetries: [5, 30, 60].map(minutes => minutes * 60_000),
  webhookTimeoutMs: 10_000,
  webhookSpreadMs: 20,
};

/** Everything one simulated Freshdesk account knows. */
export interface World {
  settings: Settings;
  /** `http://127.0.0.1:9020`, where API and agent page are; no slash at the end. */
  baseUrl: string;
  /** Where attachments and inline images are served: another host, as S3 is. */
  filesUrl: string;
  /** Milliseconds since 1970: the caller's clock, moved on by `/_sandbox/clock`. */
  now(): number;
  skewMs: number;
  /** Signs attachment URLs and inline tokens. */
  secret: Buffer;
  nextId: number;
  nextTicketId: number;
  tickets: Map<number, TicketRecord>;
  agents: Map<number, AgentRecord>;
  contacts: Map<number, ContactRecord>;
  companies: Map<number, CompanyRecord>;
  /** Of tickets, conversations and inline images. */
  files: Map<number, FileRecord>;
  webhooks: Map<number, WebhookRecord>;
  deliveries: WebhookDelivery[];
  /** The running minute of the rate limit. */
  window: { resetAt: number; used: number; create: number; update: number; list: number };
  faults: FaultBook;
  jobs: Set<Promise<void>>;
  /** Ends waits and deliveries: replaced at every reset. */
  life: AbortController;
  closed: boolean;
}

/** Ids as large as the real ones, so that nobody keeps them in 32 bits. */
const FIRST_ID = 80_014_400_001;

export function createWorld(clock: () => number): World {
  const world: World = {
    settings: structuredClone(DEFAULT_SETTINGS),
    baseUrl: '',
    filesUrl: '',
    now: () => clock() + world.skewMs,
    skewMs: 0,
    secret: randomBytes(32),
    nextId: FIRST_ID,
    nextTicketId: 101,
    tickets: new Map(),
    agents: new Map(),
    contacts: new Map(),
    companies: new Map(),
    files: new Map(),
    webhooks: new Map(),
    deliveries: [],
    window: { resetAt: 0, used: 0, create: 0, update: 0, list: 0 },
    faults: new FaultBook(),
    jobs: new Set(),
    life: new AbortController(),
    closed: false,
  };
  return world;
}

/** Nothing and nobody, the clock back in step, what was under way given up. */
export function emptyWorld(world: World): void {
  world.life.abort();
  world.life = new AbortController();
  world.settings = structuredClone(DEFAULT_SETTINGS);
  world.skewMs = 0;
  world.nextId = FIRST_ID;
  world.nextTicketId = 101;
  for (const map of [world.tickets, world.agents, world.contacts, world.companies, world.files, world.webhooks])
    map.clear();
  world.deliveries = [];
  world.window = { resetAt: 0, used: 0, create: 0, update: 0, list: 0 };
}

export function newId(world: World): number {
  world.nextId += 1;
  return world.nextId;
}

/** Resolves when no webhook is under way; one that waits for its next attempt minutes away is not. */
export async function settled(world: World): Promise<void> {
  while (world.jobs.size > 0) await Promise.allSettled(world.jobs);
}
