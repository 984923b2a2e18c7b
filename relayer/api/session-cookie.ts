import { randomBytes } from "node:crypto";

import { fastifyCookie } from "@fastify/cookie";
import type { FastifyReply } from "fastify";

import { sha256 } from "./api-key.ts";

export const SESSION_COOKIE = "corridor_session";
export const SESSION_SECONDS = 12 * 3_600;

/** What a browser keeps of a session, and what the relayer does. */
export interface SessionSecret {
  readonly text: string;
  readonly hash: Buffer;
}

export function newSessionSecret(): SessionSecret {
  const bytes = randomBytes(32);
  return { text: bytes.toString("base64url"), hash: sha256(bytes) };
}

/** @returns the hash of the session's secret; undefined if the cookies have none of its form. */
export function readSessionCookie(cookies: string | undefined): Buffer | undefined {
  const text = cookies === undefined ? undefined : fastifyCookie.parse(cookies)[SESSION_COOKIE];
  return text !== undefined && /^[A-Za-z0-9_-]{43}$/.test(text) ? sha256(Buffer.from(text, "base64url")) : undefined;
}

/** No script reads it, no other site's page sends it. */
function attributes(isSecure: boolean) {
  return { httpOnly: true, sameSite: "strict", path: "/", secure: isSecure } as const;
}

export function setSessionCookie(reply: FastifyReply, { text }: SessionSecret, isSecure: boolean): void {
  void reply.setCookie(SESSION_COOKIE, text, { ...attributes(isSecure), maxAge: SESSION_SECONDS });
}

export function clearSessionCookie(reply: FastifyReply, isSecure: boolean): void {
  void reply.clearCookie(SESSION_COOKIE, attributes(isSecure));
}
