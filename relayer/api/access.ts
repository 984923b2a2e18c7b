import type { FastifyRequest } from "fastify";

import type { SessionRecord } from "../store/sessions.ts";
import { HttpProblem } from "./problem.ts";

/** What a key may be good for. */
export const SCOPES = [
  ...(["payments:read", "requests:write", "records:read", "records:write"] as const),
  ...(["reports:read", "webhooks", "keys", "quotes"] as const),
] as const;

export type Scope = (typeof SCOPES)[number];

/** Whoever asks, by the key that came with the request. */
export interface Caller {
  /** Sees what is hers; null: the operator, who sees all. */
  readonly merchant: string | null;
}

export interface Access {
  /**
   * Lets a request through whose key has the scope.
   * @throws HttpProblem `unauthorized` without a key, `forbidden` if the key is for something else.
   */
  require(request: FastifyRequest, scope: Scope): Promise<Caller>;
}

/** A caller with what her key or her session allows. */
export interface KeyHolder extends Caller {
  /** The key's id, `operator` for the key of the configuration, or `session:` and the session's id. */
  readonly id: string;
  readonly scopes: readonly Scope[];
  readonly expiresAt: Date | null;
}

/**
 * Whoever signed in can do all that a merchant can. The keys that she makes may outlive her session: what ends after some hours is
 * the trust in a browser, while a key is made for a till or a server, by the very account that it is for.
 */
export function sessionHolder({ id, address }: SessionRecord): KeyHolder {
  return { id: `session:${id}`, merchant: address, scopes: SCOPES, expiresAt: null };
}

declare module "fastify" {
  interface FastifyRequest {
    /** By the key or the session that came with the request, which was checked; null: none came. */
    holder: KeyHolder | null;
    /** By the cookie that came with the request and no key beside it; null: there is none, or it is past. */
    session: SessionRecord | null;
  }
}

export const NO_KEY = new HttpProblem(
  "unauthorized",
  { field: "authorization", expected: "Bearer and a key of this relayer" },
  { "www-authenticate": 'Bearer realm="corridor"' },
);

/** Of a key that is unknown, revoked or expired: which of them is nobody's business. */
export const BAD_KEY = new HttpProblem(
  "unauthorized",
  { field: "authorization", expected: "Bearer and a key that is good here" },
  { "www-authenticate": 'Bearer realm="corridor", error="invalid_token"' },
);

/** @returns the holder of the request's key. @throws HttpProblem as `Access.require`. */
export function holderWith(request: FastifyRequest, scope: Scope): KeyHolder {
  const { holder } = request;
  if (holder === null) throw NO_KEY;
  if (holder.scopes.includes(scope)) return holder;
  throw new HttpProblem(
    "forbidden",
    { field: "authorization", expected: `a key with the scope ${scope}` },
    { "www-authenticate": `Bearer realm="corridor", error="insufficient_scope", scope="${scope}"` },
  );
}

/** Rests on the hook of admission.ts, which checks the key of every request. */
export function createAccess(): Access {
  return {
    require: (request, scope) =>
      new Promise((resolve) => {
        resolve(holderWith(request, scope));
      }),
  };
}

/**
 * Whose things a caller sees: of the one whom she names, or her own.
 * @returns undefined for the operator who names nobody: everybody's.
 * @throws HttpProblem `forbidden` if she names somebody else.
 */
export function ownOnly(caller: Caller, field: string, named: string | undefined): string | undefined {
  if (caller.merchant === null || named === caller.merchant) return named;
  if (named === undefined) return caller.merchant;
  throw new HttpProblem("forbidden", { field, expected: `${caller.merchant}, whose key this is` });
}

/** @throws HttpProblem `forbidden` for everybody but the operator. */
export function operatorOnly(caller: Caller): void {
  if (caller.merchant === null) return;
  throw new HttpProblem("forbidden", { field: "authorization", expected: "a key of the operator" });
}
