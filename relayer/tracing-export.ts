import { AsyncLocalStorage } from "node:async_hooks";

import {
  type Context,
  context,
  type ContextManager,
  diag,
  DiagLogLevel,
  ROOT_CONTEXT,
  trace,
} from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  type SpanProcessor,
  TraceIdRatioBasedSampler,
  TracerProvider,
  type TracerProviderOptions,
} from "@opentelemetry/sdk-trace";
import type { Logger } from "pino";

import type { TracingConfig } from "./config.ts";
import { IDLE } from "./tracing.ts";

/** Registers a provider of traces for the whole process. @returns what sends the rest and takes it back. */
export function startExport({ endpoint, serviceName, ratio }: TracingConfig, log: Logger): () => Promise<void> {
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, "")}/v1/traces` });
  const provider = new TracerProvider({
    resource: serviceResource(serviceName),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
    spanProcessors: [withoutIdle(new BatchSpanProcessor({ exporter, scheduledDelayMillis: 2_000 }))],
  });
  const warn = (message: string): void => {
    log.warn({ reason: message }, "tracing");
  };
  const silent = (): void => undefined;
  diag.setLogger(
    { error: warn, warn, info: silent, debug: silent, verbose: silent },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  context.setGlobalContextManager(asyncContexts());
  trace.setGlobalTracerProvider(provider);
  return async () => {
    await provider.shutdown();
    trace.disable();
    context.disable();
    diag.disable();
  };
}

/** Who sends the spans. The package that makes such things is not ours to import; the exporter reads these two members. */
function serviceResource(serviceName: string): NonNullable<TracerProviderOptions["resource"]> {
  const own = {
    attributes: { "service.name": serviceName },
    getRawAttributes: (): [string, string][] => [["service.name", serviceName]],
    merge: () => own,
  };
  return own;
}

/** What looked whether something was due, and found nothing, is of no interest. */
function withoutIdle(next: SpanProcessor): SpanProcessor {
  return {
    onStart: (span, parent) => {
      next.onStart(span, parent);
    },
    onEnd: (span) => {
      if (span.attributes[IDLE] !== true) next.onEnd(span);
    },
    forceFlush: () => next.forceFlush(),
    shutdown: () => next.shutdown(),
  };
}

/** Keeps the span of what is under way through promises and callbacks, by Node's own means. */
function asyncContexts(): ContextManager {
  const storage = new AsyncLocalStorage<Context>();
  const manager: ContextManager = {
    active: () => storage.getStore() ?? ROOT_CONTEXT,
    with: (active, work, thisArg, ...args) => storage.run(active, () => work.call(thisArg, ...args)),
    bind: (active, target) => {
      if (typeof target !== "function") return target;
      const bound = (...args: unknown[]): unknown =>
        storage.run(active, () => (target as (...given: unknown[]) => unknown)(...args));
      return bound as typeof target;
    },
    enable: () => manager,
    disable: () => {
      storage.disable();
      return manager;
    },
  };
  return manager;
}
