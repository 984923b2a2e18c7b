import { useEffect, useRef, useState } from "react";

import { ProblemError } from "../../sdk/client.ts";
import { client } from "../app/client.ts";
import { afterRefusal, type Attempt, keepAttempt, readAttempt } from "./attempt.ts";
import { sendUntilAnswered, type SignedPayment } from "./send-payment.ts";

/** What this tab does to pay a request. */
export interface OwnAttempt {
  readonly attempt: Attempt | undefined;
  /** Why the last one was refused before it was accepted. */
  readonly refusal: string | undefined;
  /** Begins a new one; whatever was being sent is sent no more. */
  readonly send: (attempt: Attempt, signed: SignedPayment) => void;
  /** Ends the watch over the present one, so that another can begin. @param code Why it was refused, if it was. */
  readonly giveUp: (code?: string) => void;
}

export function useAttempt(requestId: string): OwnAttempt {
  const [attempt, setAttempt] = useState(() => readAttempt(requestId));
  const [refusal, setRefusal] = useState<string>();
  const sending = useRef<AbortController>(undefined);
  useEffect(
    () => () => {
      sending.current?.abort();
    },
    [],
  );

  function keep(next: Attempt): void {
    keepAttempt(requestId, next);
    setAttempt(next);
  }

  async function deliver(current: Attempt, signed: SignedPayment, before: Attempt | undefined): Promise<void> {
    const { signal } = (sending.current = new AbortController());
    try {
      await sendUntilAnswered(client, signed, requestId, signal);
    } catch (error) {
      if (signal.aborted || !(error instanceof ProblemError)) return;
      const { code } = error.problem;
      // What has taken the nonce may be the try before, which arrived late.
      const isPaidBefore = code.startsWith("nonce_") && before !== undefined && (await isUnderWayOrPaid(before.id));
      if (isPaidBefore) {
        keep({ ...before, end: "open" });
        return;
      }
      keep(afterRefusal(current, code));
      setRefusal(code);
    }
  }

  return {
    attempt,
    refusal,
    send(current, signed) {
      sending.current?.abort();
      setRefusal(undefined);
      // Kept before it is sent: from now on it may be paid.
      keep(current);
      void deliver(current, signed, attempt);
    },
    giveUp(code) {
      sending.current?.abort();
      setRefusal(undefined);
      if (attempt !== undefined) keep(code === undefined ? { ...attempt, end: "over" } : afterRefusal(attempt, code));
    },
  };
}

async function isUnderWayOrPaid(id: string): Promise<boolean> {
  try {
    const { state } = await client.payment(id);
    return state !== "rejected" && state !== "expired";
  } catch {
    return false;
  }
}
