import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, type TracingChannel, type TracingChannelSubscribers, unsubscribe } from 'node:diagnostics_channel';
import { setTimeout as pause } from 'node:timers/promises';
import type { Context, Span, Tracer } from '@opentelemetry/api';
import type { Delivery } from '../engine/intake/delivery.ts';
import { type WatchedEffect, type WatchedLook, watched } from '../engine/watch.ts';
import { VERSION } from '../version.ts';

export interface TraceOptions {
  /** The collector's address, below which OTLP over HTTP has its `/v1/traces`. */
  otlp: string;
  /** The share of looks that are sent, 0 to 1. */
  share: number;
}

/** Traces that are being sent. */
export interface Traces {
  delivery(delivery: Delivery, now: number): void;
  close(): Promise<void>;
}

/** What is not sent by then, while the service stops, is given up. */
const LAST_WORDS = 3_000;

/**
 * Sends what the engine does to an OpenTelemetry collector: deliveries, looks, the effects within a look, and the HTTP requests
 * within both. The library is loaded only here. A collector that is away costs spans, and nothing else.
 */
export async function sendTraces({ otlp, share }: TraceOptions): Promise<Traces> {
  const [api, sdk, { OTLPTraceExporter }, { resourceFromAttributes }] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ]);
  const exporter = new OTLPTraceExporter({ url: `${otlp}/v1/traces` });
  const provider = new sdk.TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'signalbox', 'service.version': VERSION }),
    sampler: new sdk.ParentBasedSampler({ root: new sdk.TraceIdRatioBasedSampler(share) }),
    spanProcessors: [new sdk.BatchSpanProcessor({ exporter })],
  });
  const tracer = provider.getTracer('signalbox', VERSION);
  const around = new AsyncLocalStorage<Context>();
  const here = () => around.getStore() ?? api.ROOT_CONTEXT;
  const inside = (span: Span) => api.trace.setSpan(here(), span);
  const failed = (span: Span, error: unknown) =>
    span.setStatus({ code: api.SpanStatusCode.ERROR, message: error instanceof Error ? error.message : String(error) });

  const closers = [
    traceChannel(watched.look, around, {
      begin: ({ key, automation, reasons }: WatchedLook) =>
        tracer
          .startSpan('look', { attributes: { 'signalbox.key': key, 'signalbox.automation': automation } }, here())
          .setAttribute('signalbox.reasons', [...reasons]),
      inside,
      failed,
    }),
    traceChannel(watched.effect, around, {
      begin: ({ key, automation, name }: WatchedEffect) =>
        tracer.startSpan(
          'effect',
          { attributes: { 'signalbox.key': key, 'signalbox.automation': automation, 'signalbox.effect': name } },
          here(),
        ),
      inside,
      failed,
    }),
    traceRequests(tracer, here, failed),
  ];

  return {
    delivery: ({ source, event, origin, receivedAt }, now) => {
      const attributes = { 'signalbox.source': source, 'signalbox.event': event, 'signalbox.origin': origin };
      tracer
        .startSpan('delivery', { startTime: receivedAt, attributes }, api.ROOT_CONTEXT)
        .end(Math.max(now, receivedAt));
    },
    close: async () => {
      for (const close of closers) close();
      await Promise.race([provider.shutdown().catch(() => undefined), pause(LAST_WORDS, undefined, { ref: false })]);
    },
  };
}

interface SpanMaker<Message> {
  begin: (message: Message) => Span;
  inside: (span: Span) => Context;
  failed: (span: Span, error: unknown) => void;
}

/** A span around everything that happens between a channel's start and its end; what happens within sees it as its parent. */
function traceChannel<Message extends object>(
  channel: TracingChannel<unknown, Message>,
  around: AsyncLocalStorage<Context>,
  { begin, inside, failed }: SpanMaker<Message>,
): () => void {
  const spans = new WeakMap<object, Span>();
  const store = around as AsyncLocalStorage<unknown>;
  channel.start.bindStore(store, message => {
    const span = begin(message);
    spans.set(message, span);
    return inside(span);
  });
  const subscribers = {
    error: message => failed(spans.get(message)!, message.error),
    asyncEnd: message => spans.get(message)?.end(),
  } as TracingChannelSubscribers<Message>;
  channel.subscribe(subscribers);
  return () => {
    channel.start.unbindStore(store);
    channel.unsubscribe(subscribers);
  };
}

interface Sent {
  request: { origin: string | URL; method: string; path: string };
  response?: { statusCode: number };
  error?: Error;
}

/** A span for each HTTP request; the query stays out of it. */
function traceRequests(tracer: Tracer, here: () => Context, failed: SpanMaker<object>['failed']): () => void {
  const spans = new WeakMap<object, Span>();
  const listeners: Record<string, (sent: Sent) => void> = {
    'undici:request:create': ({ request }) => {
      const { host } = new URL(request.origin);
      const attributes = {
        'http.request.method': request.method,
        'server.address': host,
        'url.path': request.path.split('?')[0] ?? '',
      };
      spans.set(request, tracer.startSpan(request.method, { kind: CLIENT, attributes }, here()));
    },
    'undici:request:headers': ({ request, response }) =>
      spans.get(request)?.setAttribute('http.response.status_code', response?.statusCode ?? 0),
    'undici:request:trailers': ({ request }) => spans.get(request)?.end(),
    'undici:request:error': ({ request, error }) => {
      const span = spans.get(request);
      if (!span) return;
      failed(span, error);
      span.end();
    },
  };
  const all = Object.entries(listeners) as [string, (message: unknown) => void][];
  for (const [name, listener] of all) subscribe(name, listener);
  return () => {
    for (const [name, listener] of all) unsubscribe(name, listener);
  };
}

/** SpanKind.CLIENT, which is an enum of a library that is not loaded here. */
const CLIENT = 2;
