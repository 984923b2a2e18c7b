import { type PaymentView, ProblemError } from "../../sdk/client.ts";
import { client } from "../app/client.ts";
import type { AnyPayment } from "./compose-payment.ts";

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 8_000;

/**
 * Hands a signed payment over until there is an answer, the same one each time: its id keeps it from being paid twice.
 * @param onDoubt Told once there was no answer: it may have arrived.
 * @throws ProblemError if the relayer refuses, other than for being busy: then it was not taken.
 */
export async function sendUntilAnswered(
  payment: AnyPayment,
  signature: string,
  requestId: string,
  onDoubt: () => void,
): Promise<PaymentView> {
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      return await client.submitPayment(payment, signature, requestId);
    } catch (error) {
      const isBusy = error instanceof ProblemError && (error.problem.status >= 500 || error.problem.status === 429);
      if (error instanceof ProblemError && !isBusy) throw error;
      onDoubt();
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}
