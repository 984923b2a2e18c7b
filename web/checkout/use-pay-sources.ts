import { useQueries, useQuery } from "@tanstack/react-query";

import { type AccountView, type PaymentRequestView, ProblemError } from "../../sdk/client.ts";
import { client } from "../app/client.ts";
import { findCurrency, useNetwork } from "../app/network.ts";
import type { Wallet } from "../wallets/wallet.ts";
import { type PaySource, paySources } from "./pay-sources.ts";

const ACCOUNT_MS = 1_500;
const NO_QUOTES_MS = 15_000;
/** Quotes are asked for anew so long before they end, that one is always good for long enough to sign. */
const BEFORE_END_MS = 10_000;

/** What a request can be paid with by a wallet, kept fresh. */
export function usePaySources(request: PaymentRequestView, wallet: Wallet): readonly PaySource[] {
  const network = useNetwork();
  const { data: quotes = [] } = useQuery({
    queryKey: ["quotes", request.id],
    queryFn: async () => {
      try {
        return await client.quotes({ request: request.id });
      } catch (error) {
        // That nobody quotes now is no failure: the merchant's own currency is left.
        if (error instanceof ProblemError && ["no_quote", "not_found"].includes(error.problem.code)) return [];
        throw error;
      }
    },
    enabled: network.exchange !== null,
    refetchInterval: ({ state }) => {
      const ends = (state.data ?? []).map(({ expiresAt }) => Number(expiresAt) * 1_000 - Date.now() - BEFORE_END_MS);
      return ends.length === 0 ? NO_QUOTES_MS : Math.max(1_000, Math.min(...ends));
    },
  });
  const accounts = useQueries({
    queries: network.tokens.map((token) => ({
      queryKey: ["account", wallet.address, token],
      queryFn: () => client.account(wallet.address, token),
      refetchInterval: ACCOUNT_MS,
    })),
    combine: (results) =>
      new Map<string, AccountView>(results.flatMap(({ data }) => (data === undefined ? [] : [[data.token, data]]))),
  });
  const isPulled = network.gateway !== null && (findCurrency(network, request.token)?.signing ?? null) !== null;
  const { data: held } = useQuery({
    queryKey: ["held", wallet.address, request.token],
    queryFn: () => wallet.tokensOf?.(request.token) ?? null,
    enabled: isPulled && wallet.tokensOf !== undefined,
    refetchInterval: ACCOUNT_MS,
  });
  return paySources(request, quotes, accounts, held ?? undefined);
}
