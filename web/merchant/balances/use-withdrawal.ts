import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import type { InstructionView } from "../../../sdk/client.ts";
import { instructionId, signInstruction, type Withdrawal } from "../../../sdk/instructions.ts";
import { hasEnded } from "../../../sdk/payment.ts";
import type { LedgerDomain } from "../../../sdk/typed-data.ts";
import { client } from "../../app/client.ts";
import { useNetwork } from "../../app/network.ts";
import { useMerchant } from "../frame/merchant-context.ts";
import { composeWithdrawal, isSurelyRefused } from "./withdrawal.ts";

/** Signed, and perhaps with the relayer: the only thing that may be sent until it has answered. */
interface Signed {
  readonly id: string;
  readonly message: Withdrawal;
  readonly signature: string;
}

export interface WithdrawalSteps {
  /** Set from the signature on, until the relayer has refused it. */
  readonly signed: Signed | undefined;
  /** As the relayer has it; undefined until it has taken it. */
  readonly instruction: InstructionView | undefined;
  readonly error: Error | null;
  readonly isBusy: boolean;
  /** Signs and sends; or if something signed may already be there, sends exactly that again. */
  readonly send: (wish: { readonly to: string; readonly amount: bigint; readonly fee: bigint }) => void;
  /** For another withdrawal, once this one is with the relayer. */
  readonly forget: () => void;
}

/** One withdrawal out of the merchant's account, from her wish to its end on the chain. */
export function useWithdrawal(token: string): WithdrawalSteps {
  const merchant = useMerchant();
  const network = useNetwork();
  const queries = useQueryClient();
  const [signed, setSigned] = useState<Signed>();
  const domain: LedgerDomain = { chainId: BigInt(network.chainId), ledger: network.ledger };

  const sending = useMutation({
    mutationFn: async (wish: { readonly to: string; readonly amount: bigint; readonly fee: bigint }) => {
      const ready = signed ?? (await sign(wish));
      setSigned(ready);
      try {
        return await client.submitInstruction("withdrawal", ready.message, ready.signature);
      } catch (error) {
        if (isSurelyRefused(error)) setSigned(undefined);
        throw error;
      }
    },
    onSettled: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: ["account"] }),
        queries.invalidateQueries({ queryKey: ["instructions"] }),
      ]),
  });

  const sign = async (wish: {
    readonly to: string;
    readonly amount: bigint;
    readonly fee: bigint;
  }): Promise<Signed> => {
    const wallet = await merchant.wallet();
    // Asked for now: what was shown may be older than a payment out of this account.
    const account = await client.account(merchant.address, token);
    const message = composeWithdrawal(account, { ...wish, now: BigInt(Math.floor(Date.now() / 1_000)) });
    const signature = await signInstruction(wallet, domain, "withdrawal", message);
    return { id: instructionId(domain, "withdrawal", message), message, signature };
  };

  const id = sending.data?.id;
  const following = useQuery({
    queryKey: ["instruction", id],
    queryFn: () => client.instruction(id ?? ""),
    enabled: id !== undefined,
    refetchInterval: ({ state }) => (state.data !== undefined && hasEnded(state.data.state) ? false : 1_000),
  });

  return {
    signed,
    instruction: following.data ?? sending.data,
    error: sending.error,
    isBusy: sending.isPending,
    send: (wish) => {
      sending.mutate(wish);
    },
    forget: () => {
      setSigned(undefined);
      sending.reset();
    },
  };
}
