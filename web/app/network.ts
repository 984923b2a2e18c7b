import { queryOptions, useSuspenseQuery } from "@tanstack/react-query";

import type { CurrencyView, NetworkView } from "../../sdk/client.ts";
import { client } from "./client.ts";

export const networkQuery = queryOptions({
  queryKey: ["network"],
  queryFn: () => client.network(),
  staleTime: Infinity,
});

/** What chain, contracts and currencies the relayer works with. Suspends until it is known. */
export function useNetwork(): NetworkView {
  return useSuspenseQuery(networkQuery).data;
}

/** @returns undefined of a token that the relayer does not serve. */
export function findCurrency(network: NetworkView, token: string): CurrencyView | undefined {
  return network.currencies.find((currency) => currency.token.toLowerCase() === token.toLowerCase());
}
