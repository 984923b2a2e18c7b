import { isIPv6 } from "node:net";

import rateLimit, { normalizeIP } from "@fastify/rate-limit";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

import { HttpProblem } from "./problem.ts";

/** What is counted together. `none`: not at all. */
export type LimitClass = "reads" | "writes" | "quotes" | "sessions" | "none";

declare module "fastify" {
  interface FastifyContextConfig {
    /** By the method and the path unless a route says otherwise. */
    limit?: LimitClass;
  }
}

type Counted = Exclude<LimitClass, "none"> | "failures";

/** Requests a minute and client. */
export type RateLimits = Readonly<Record<Counted, number>>;

const MINUTE_MS = 60_000;
/** Clients of each kind that are counted at a time; past them the one that was seen longest ago starts anew. */
const CLIENTS = 20_000;

/** @param writes Requests a minute and client that change something; 0: nothing is limited. */
export function rateLimitsOf(writes: number): RateLimits | undefined {
  if (writes === 0) return undefined;
  return {
    reads: writes * 2,
    writes,
    quotes: Math.max(1, Math.floor(writes / 20)),
    sessions: Math.max(5, Math.floor(writes / 100)),
    failures: Math.max(5, Math.floor(writes / 100)),
  };
}

const UNCOUNTED = ["/livez", "/readyz"];

export function limitClassOf(method: string, path: string): LimitClass {
  // What a document loads is counted with the document.
  if (UNCOUNTED.includes(path) || path.startsWith("/assets/")) return "none";
  if (method === "GET" || method === "HEAD") return "reads";
  if (method === "POST" && path.startsWith("/v1/sessions")) return "sessions";
  return path === "/v1/quotes" ? "quotes" : "writes";
}

export interface Limiter {
  /** Counts a request. @throws HttpProblem `rate_limited` if it is one too many. */
  count(kind: Counted, request: FastifyRequest, reply: FastifyReply): Promise<void>;
  /** Whether the client has failed to authenticate as often as it may. */
  hasFailedTooOften(request: FastifyRequest): Promise<boolean>;
}

const UNLIMITED: Limiter = {
  count: () => Promise.resolve(),
  hasFailedTooOften: () => Promise.resolve(false),
};

/** Counts in this process's memory: several relayers count each for itself. To be called before the server starts. */
export function addLimiter(server: FastifyInstance, limits: RateLimits | undefined): Limiter {
  if (limits === undefined) return UNLIMITED;
  let counters: Readonly<Record<Counted, ReturnType<FastifyInstance["createRateLimit"]>>> | undefined;
  void server.register(rateLimit, { global: false, cache: CLIENTS }).after(() => {
    const counter = (kind: Counted) =>
      server.createRateLimit({ max: limits[kind], timeWindow: MINUTE_MS, keyGenerator: clientOf });
    counters = {
      reads: counter("reads"),
      writes: counter("writes"),
      quotes: counter("quotes"),
      sessions: counter("sessions"),
      failures: counter("failures"),
    };
  });
  return {
    async count(kind, request, reply) {
      const result = await counters?.[kind](request);
      if (result === undefined || result.isAllowed) return;
      void reply
        .header("ratelimit-limit", result.max)
        .header("ratelimit-remaining", result.remaining)
        .header("ratelimit-reset", result.ttlInSeconds);
      if (!result.isExceeded) return;
      const seconds = Math.max(1, result.ttlInSeconds);
      throw new HttpProblem(
        "rate_limited",
        { detail: `More than ${result.max} ${kind} a minute. Try again in ${seconds} seconds.` },
        { "retry-after": String(seconds) },
      );
    },
    async hasFailedTooOften(request) {
      const result = await counters?.failures(request, { increment: false });
      return result !== undefined && !result.isAllowed && result.remaining === 0;
    },
  };
}

/** A client is its key, or else its address; a session is counted by its address, as anybody can have any number of them. */
function clientOf(request: FastifyRequest): string {
  return request.holder === null ? addressOf(request.ip) : `key ${request.holder.id}`;
}

const subnets = new Map<string, string>();

/** An IPv6 client has 2^64 addresses: they count as one. */
function addressOf(ip: string): string {
  if (!isIPv6(ip)) return ip;
  const known = subnets.get(ip);
  if (known !== undefined) return known;
  const subnet = normalizeIP(ip);
  if (subnets.size >= CLIENTS) subnets.clear();
  subnets.set(ip, subnet);
  return subnet;
}
