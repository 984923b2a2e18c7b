import { queryOptions, useSuspenseQuery } from "@tanstack/react-query";
import { createContext, useContext } from "react";

import type { CurrencyView, NetworkView } from "../../sdk/client.ts";
import { client } from "./client.ts";

export const networkQuery = queryOptions({
  queryKey: ["network"],
  queryFn: () => client.network(),
  staleTime: Infinity,
});

/** What pages are about, where that is not what the relayer works with. */
export const NetworkContext = createContext<NetworkView | undefined>(undefined);

/** What chain, contracts and currencies a page is about: the relayer's, or those that an auditor chose. Suspends until it is known. */
export function useNetwork(): NetworkView {
  const told = useToldNetwork();
  return useContext(NetworkContext) ?? told;
}

/** What chain, contracts and currencies the relayer works with. Suspends until it is known. */
export function useToldNetwork(): NetworkView {
  return useSuspenseQuery(networkQuery).data;
}

/** @returns undefined of a token that the relayer does not serve. */
export function findCurrency(network: NetworkView, token: string): CurrencyView | undefined {
  return network.currencies.find((currency) => currency.token.toLowerCase() === token.toLowerCase());
}
