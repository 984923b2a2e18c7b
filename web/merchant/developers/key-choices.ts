/** What a merchant's key may be good for; the makers' quotes are not hers. */
export const KEY_SCOPES = [
  ...(["payments:read", "requests:write", "records:read", "records:write"] as const),
  ...(["reports:read", "webhooks", "keys"] as const),
] as const;

export type KeyScope = (typeof KEY_SCOPES)[number];

/** How a scope is named where a colon would part a key. */
export function scopeText(scope: string): string {
  return scope.replace(":", "_");
}

/** How long a secret may stay good after it was replaced, in seconds. */
export const GRACES = { none: 0, hour: 3_600, day: 86_400, week: 604_800 } as const;

export type Grace = keyof typeof GRACES;

export type KeyState = "good" | "revoked" | "expired";

/** @param now Milliseconds. */
export function keyState(
  { revokedAt, expiresAt }: { readonly revokedAt: string | null; readonly expiresAt: string | null },
  now: number,
): KeyState {
  if (revokedAt !== null) return "revoked";
  return expiresAt !== null && Date.parse(expiresAt) <= now ? "expired" : "good";
}

/** Longest name of a key. */
const MAX_NAME = 100;

/** As the relayer takes a key's name. */
export function isKeyName(name: string): boolean {
  return name.length > 0 && name.length <= MAX_NAME && !/[\p{Cc}\p{Cs}]/u.test(name);
}
