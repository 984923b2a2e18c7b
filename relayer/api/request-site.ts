import type { FastifyRequest } from "fastify";

import { HttpProblem } from "./problem.ts";

/** Where the page is that a browser's request came from. */
export interface Site {
  /** With its port, as browsers write it. */
  readonly host: string;
  readonly origin: string;
  /** Whether browsers reach it by https; so they do behind a proxy that says so in nothing but the page's origin. */
  readonly isSecure: boolean;
}

const HOST = /^([a-z0-9.-]+|\[[0-9a-f:.]+\])(:\d{1,5})?$/;

/**
 * The site that a request was sent to; by its origin, the page is of the same one.
 * @throws HttpProblem `forbidden` if the page is of another host, `malformed_request` if the host is none.
 */
export function siteOf(request: FastifyRequest): Site {
  const host = request.host.toLowerCase();
  if (!HOST.test(host)) throw new HttpProblem("malformed_request", { field: "host", expected: "a host" });
  const { origin } = request.headers;
  if (origin === undefined) {
    return { host, origin: `${request.protocol}://${host}`, isSecure: request.protocol === "https" };
  }
  if (hostOf(origin) !== host) throw new HttpProblem("forbidden", { field: "origin", expected: `a page of ${host}` });
  return { host, origin, isSecure: origin.startsWith("https:") };
}

/**
 * Whether a browser says that a page of this very origin asked. A cookie alone does not tell: one page of a host can have
 * requests sent to another of its ports.
 */
export function isSameOrigin(request: FastifyRequest): boolean {
  const site = request.headers["sec-fetch-site"];
  // No script can write it, and it knows the scheme too.
  if (site !== undefined) return site === "same-origin";
  const { origin } = request.headers;
  return origin !== undefined && hostOf(origin) === request.host.toLowerCase();
}

/** @returns undefined of what is no origin of http(s), as `null`. */
function hostOf(origin: string): string | undefined {
  if (!URL.canParse(origin)) return undefined;
  const { protocol, host, origin: written } = new URL(origin);
  return (protocol === "http:" || protocol === "https:") && written === origin ? host : undefined;
}
