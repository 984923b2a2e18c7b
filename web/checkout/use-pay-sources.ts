import { useQueries, useQuery } from "@tanstack/react-query";

import { type AccountView, type PaymentRequestView, ProblemError } from "../../sdk/client.ts";
import { client } from "../app/client.ts";
import { useNetwork } from "../app/network.ts";
import { type PaySource, paySources } from "./pay-sources.ts";

const ACCOUNT_MS = 4_000;
const NO_QUOTES_MS = 15_000;
/** Quotes are asked for anew so long before they end, that one is always good for long enough to sign. */
const BEFORE_END_MS = 10_000;

/** What a request can be paid with by `payer`, kept fresh. @param only This token alone, if given. */
export function usePaySources(request: PaymentRequestView, payer: string, only?: string): readonly PaySource[] {
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
      queryKey: ["account", payer, token],
      queryFn: () => client.account(payer, token),
      refetchInterval: ACCOUNT_MS,
    })),
    combine: (results) =>
      new Map<string, AccountView>(results.flatMap(({ data }) => (data === undefined ? [] : [[data.token, data]]))),
  });
  return paySources(request, quotes, accounts, only);
}
