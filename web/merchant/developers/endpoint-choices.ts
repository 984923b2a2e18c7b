import { EVENT_TYPES, type EventType } from "../../../sdk/webhooks.ts";

/** Types as an endpoint is asked for: all of them are said by null, so that types to come are sent too. */
export function chosenTypes(chosen: readonly string[]): readonly EventType[] | null {
  const types = EVENT_TYPES.filter((type) => chosen.includes(type));
  return types.length === EVENT_TYPES.length ? null : types;
}

/** How a type is named where a point would part a key. */
export function typeText(type: string): string {
  return type.replace(".", "_");
}

/** Whether a text is a URL that a webhook may have by its form; whether it may lead there the relayer says. */
export function isEndpointUrl(text: string): boolean {
  let url: URL;
  try {
    url = new URL(text.trim());
  } catch {
    return false;
  }
  return ["https:", "http:"].includes(url.protocol) && url.username === "" && url.password === "";
}

/** Since when messages may be sent again. */
export const REPLAY_RANGES = { hour: 3_600, day: 86_400, week: 604_800, month: 30 * 86_400 - 60 } as const;

export type ReplayRange = keyof typeof REPLAY_RANGES;

/** The beginning of a range, by RFC 3339. @param now Milliseconds. */
export function replaySince(range: ReplayRange, now: number): string {
  return new Date(now - REPLAY_RANGES[range] * 1_000).toISOString();
}
