import { useEffect, useState } from "react";

import { type PaymentView, ProblemError } from "../../sdk/client.ts";
import type { HoldStatus } from "../../sdk/hold.ts";
import { client } from "../app/client.ts";

export interface LivePaymentState {
  /** Undefined: not heard of yet. */
  readonly payment: PaymentView | undefined;
  /** The relayer does not know it: it was never handed over, or not to this relayer. */
  readonly isUnknown: boolean;
}

const ASK_AGAIN_MS = 2_000;
/** A hold goes on when the payment's own states have ended. */
const ASK_OF_HOLD_MS = 5_000;

/** A payment's state, as it changes, over as many connections as it takes. */
export function useLivePayment(id: string): LivePaymentState {
  const [state, setState] = useState<LivePaymentState>({ payment: undefined, isUnknown: false });
  useEffect(() => {
    const ended = new AbortController();
    void follow(id, ended.signal, setState);
    return () => {
      ended.abort();
    };
  }, [id]);
  return state;
}

async function follow(id: string, signal: AbortSignal, tell: (state: LivePaymentState) => void): Promise<void> {
  for (;;) {
    try {
      let hold: HoldStatus | undefined;
      for await (const payment of client.watchPayment(id, signal)) {
        hold = payment.hold?.status;
        tell({ payment, isUnknown: false });
      }
      if (hold !== "open" && hold !== "disputed") return;
      await new Promise((resolve) => setTimeout(resolve, ASK_OF_HOLD_MS));
    } catch (error) {
      if (signal.aborted) return;
      // It may be on its way to the relayer still.
      if (error instanceof ProblemError) tell({ payment: undefined, isUnknown: error.problem.code === "not_found" });
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
    }
  }
}
