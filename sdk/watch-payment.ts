import { type PaymentView, type Problem, ProblemError } from "./client.ts";
import { readEventStream } from "./event-stream.ts";
import { hasEnded } from "./payment.ts";

export interface WatchOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Ends the watch: it then throws the signal's reason. */
  readonly signal?: AbortSignal;
}

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;

/**
 * The payment's present state, then each change, until it is `final`, `rejected` or `expired`. A connection that breaks is
 * made again where it broke off; what changed twice in between is told once.
 * @throws ProblemError if the relayer refuses, other than for being busy.
 */
export async function* watchPayment(
  baseUrl: string,
  id: string,
  { headers = {}, signal }: WatchOptions = {},
): AsyncGenerator<PaymentView, void, undefined> {
  let lastEventId: string | undefined;
  let pause = FIRST_PAUSE_MS;
  for (;;) {
    let wait = pause;
    const response = await fetch(`${baseUrl}/v1/payments/${encodeURIComponent(id)}/events`, {
      headers: {
        ...headers,
        accept: "text/event-stream",
        ...(lastEventId === undefined ? {} : { "last-event-id": lastEventId }),
      },
      ...(signal === undefined ? {} : { signal }),
    }).catch(unlessAborted(signal));
    // Nothing is left to tell.
    if (response?.status === 204) return;
    if (response?.ok === true && response.body !== null) {
      const events = readEventStream(response.body);
      for (;;) {
        const next = await events.next().catch(unlessAborted(signal));
        if (next === undefined || next.done === true) break;
        if (next.value.event !== "payment") continue;
        pause = wait = FIRST_PAUSE_MS;
        lastEventId = next.value.id ?? lastEventId;
        const view = JSON.parse(next.value.data) as PaymentView;
        yield view;
        if (hasEnded(view.state)) {
          await events.return();
          return;
        }
      }
    } else if (response !== undefined) {
      if (response.status !== 429 && response.status < 500) throw new ProblemError((await response.json()) as Problem);
      await response.body?.cancel();
      const seconds = Number(response.headers.get("retry-after") ?? "");
      if (seconds > 0) wait = Math.min(seconds * 1_000, LONGEST_PAUSE_MS);
    }
    await new Promise((resolve) => setTimeout(resolve, wait));
    signal?.throwIfAborted();
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  }
}

/** A broken connection is no end; an aborted one is. */
function unlessAborted(signal: AbortSignal | undefined): (error: unknown) => undefined {
  return (error) => {
    if (signal?.aborted === true) throw error;
    return undefined;
  };
}
