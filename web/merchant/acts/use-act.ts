import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { type ActView, type PaymentView, ProblemError } from "../../../sdk/client.ts";
import { client } from "../../app/client.ts";
import { useNetwork } from "../../app/network.ts";
import { useMerchant } from "../frame/merchant-context.ts";
import { actsQuery, paymentQuery } from "../payments/payment-queries.ts";
import { type Decision, signAct, type SignedAct } from "./sign-act.ts";

/** What is to be done; of a dispute and evidence the document is handed in first. */
export type Wish =
  Exclude<Decision, { evidence: string }> | { readonly verb: "dispute" | "evidence"; readonly document: File };

interface Prepared {
  readonly signed: SignedAct;
  readonly key: string;
}

/**
 * Signs an act and follows it. What was signed and may have arrived without an answer is kept, and is sent again under the same
 * key instead of being signed anew.
 */
export function useAct(payment: PaymentView) {
  const queries = useQueryClient();
  const network = useNetwork();
  const merchant = useMerchant();
  const [unanswered, setUnanswered] = useState<Prepared>();
  const send = useMutation({
    mutationFn: async (wish: Wish | undefined): Promise<ActView> => {
      const prepared = unanswered ?? (await prepare(wish));
      setUnanswered(prepared);
      const { signed, key } = prepared;
      const accepted = await client.act(payment.id, signed.verb, signed.body, key);
      setUnanswered(undefined);
      // One that takes longer goes on all the same, and the timeline shows it.
      return client.actDecided(accepted.id).catch(() => accepted);
    },
    onError: (error) => {
      if (isFinal(error)) setUnanswered(undefined);
    },
    onSettled: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: paymentQuery(payment.id).queryKey }),
        queries.invalidateQueries({ queryKey: actsQuery(payment.id).queryKey }),
      ]),
  });

  async function prepare(wish: Wish | undefined): Promise<Prepared> {
    if (wish === undefined) throw new Error("There is nothing to send again");
    const wallet = await merchant.wallet();
    const decision: Decision =
      "document" in wish ? { verb: wish.verb, evidence: await client.uploadDocument(payment.id, wish.document) } : wish;
    const now = BigInt(Math.floor(Date.now() / 1_000));
    return { signed: await signAct(wallet, network, payment, decision, now), key: crypto.randomUUID() };
  }

  return { send, isUnanswered: unanswered !== undefined && !send.isPending };
}

/** Whether the relayer said no for good; of anything else it is not known what became of the act. */
function isFinal(error: Error): boolean {
  if (!(error instanceof ProblemError)) return false;
  const { status, code } = error.problem;
  return status < 500 && status !== 429 && code !== "idempotency_key_in_flight";
}
