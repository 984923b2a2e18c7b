import {
  type Attributes,
  context,
  isSpanContextValid,
  type Link,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from "@opentelemetry/api";
import type { Logger } from "pino";

import type { TracingConfig } from "./config.ts";

/** Names in spans. */
export const ATTRIBUTES = {
  payment: "corridor.payment",
  payments: "corridor.payments",
  lane: "corridor.lane",
  work: "corridor.work",
  transaction: "corridor.transaction_hash",
  block: "corridor.block_number",
} as const;

/** A span with this attribute true found nothing to do and is not kept. */
export const IDLE = "corridor.idle";

export type TraceLink = Link | undefined;

/** Absent while traces are sent nowhere. */
const state: { tracer: Tracer | undefined } = { tracer: undefined };

export function isTracing(): boolean {
  return state.tracer !== undefined;
}

/**
 * Sends traces by OTLP over HTTP from now on, if the configuration says where. Without it nothing is loaded and every function
 * here calls straight through. @returns what sends the rest and stops.
 */
export async function startTracing(config: TracingConfig | undefined, log: Logger): Promise<() => Promise<void>> {
  if (config === undefined) return () => Promise.resolve();
  const { startExport } = await import("./tracing-export.ts");
  const stopExport = startExport(config, log);
  state.tracer = trace.getTracer("corridor");
  return async () => {
    state.tracer = undefined;
    await stopExport();
  };
}

/** Runs `work(...args)` in a span of its own, below the one that it is called in. */
export function traced<A extends readonly unknown[], T>(
  name: string,
  attributes: Attributes,
  work: (...args: A) => Promise<T>,
  ...args: A
): Promise<T> {
  const { tracer } = state;
  if (tracer === undefined) return work(...args);
  return tracer.startActiveSpan(name, { attributes }, (span) => ended(span, () => work(...args)));
}

/** {@link traced}, kept only if {@link annotate} is called in it: for what looks again and again whether something is due. */
export function tracedIfBusy<A extends readonly unknown[], T>(
  name: string,
  attributes: Attributes,
  work: (...args: A) => Promise<T>,
  ...args: A
): Promise<T> {
  return isTracing() ? traced(name, { ...attributes, [IDLE]: true }, work, ...args) : work(...args);
}

/** {@link traced} for what was asked for in several traces: a trace of its own, linked to each. */
export function tracedTogether<A extends readonly unknown[], T>(
  name: string,
  asked: readonly { readonly link: TraceLink }[],
  attributes: Attributes,
  work: (...args: A) => Promise<T>,
  ...args: A
): Promise<T> {
  const { tracer } = state;
  if (tracer === undefined) return work(...args);
  const links = asked.flatMap(({ link }) => link ?? []);
  return tracer.startActiveSpan(name, { attributes, links, root: true }, (span) => ended(span, () => work(...args)));
}

/** Says more of the span that this is called in, and that it is worth to be kept. */
export function annotate(attributes: Attributes): void {
  if (isTracing()) trace.getActiveSpan()?.setAttributes({ ...attributes, [IDLE]: false });
}

/** The span that this is called in, for {@link tracedTogether}. */
export function linkHere(): TraceLink {
  if (!isTracing()) return undefined;
  const span = trace.getActiveSpan();
  return span === undefined ? undefined : { context: span.spanContext() };
}

/** Begins the span of a request, below its caller's if it names one (W3C Trace Context), and goes on within it. */
export function beginRequest(traceparent: unknown, name: string, attributes: Attributes, goOn: () => void): Span {
  const parent = contextOf(traceparent);
  const span = trace.getTracer("corridor").startSpan(name, { kind: SpanKind.SERVER, attributes }, parent);
  context.with(trace.setSpan(parent, span), goOn);
  return span;
}

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** @returns the root if the header is not there or not what https://www.w3.org/TR/trace-context/ says. */
function contextOf(traceparent: unknown) {
  const match = typeof traceparent === "string" ? TRACEPARENT.exec(traceparent.trim()) : null;
  const [, version, traceId = "", spanId = "", flags = "", more] = match ?? [];
  if (version === undefined || version === "ff" || (version === "00" && more !== undefined)) return ROOT_CONTEXT;
  const remote = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true };
  return isSpanContextValid(remote) ? trace.setSpanContext(ROOT_CONTEXT, remote) : ROOT_CONTEXT;
}

async function ended<T>(span: Span, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    // What failed is kept, even if nothing was due.
    span.setAttribute(IDLE, false);
    span.recordException(error instanceof Error ? error : String(error));
    span.setStatus({ code: SpanStatusCode.ERROR });
    throw error;
  } finally {
    span.end();
  }
}
