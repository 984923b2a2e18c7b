import { type CorridorClient, type PaymentView, ProblemError } from "../../sdk/client.ts";
import type { AnyPayment } from "./compose-payment.ts";

/** A payment with its payer's signature. */
export interface SignedPayment {
  readonly payment: AnyPayment;
  readonly signature: string;
  readonly funding: "account" | "erc3009";
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 8_000;

/**
 * Hands a signed payment over until there is an answer, the same one each time: its id keeps it from being paid twice.
 * @throws ProblemError if the relayer refuses, other than for being busy; the signal's reason once it is aborted.
 */
export async function sendUntilAnswered(
  client: Pick<CorridorClient, "submitPayment">,
  { payment, signature, funding }: SignedPayment,
  requestId: string,
  signal: AbortSignal,
): Promise<PaymentView> {
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      return await client.submitPayment(payment, signature, requestId, funding);
    } catch (error) {
      const isBusy = error instanceof ProblemError && (error.problem.status >= 500 || error.problem.status === 429);
      if (error instanceof ProblemError && !isBusy) throw error;
    }
    signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, pause));
    signal.throwIfAborted();
  }
}
