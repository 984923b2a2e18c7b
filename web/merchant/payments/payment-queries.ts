import { queryOptions } from "@tanstack/react-query";

import { hasEnded } from "../../../sdk/payment.ts";
import { client } from "../../app/client.ts";
import { actUnderWay } from "../acts/possible-acts.ts";

const [SOON_MS, LATER_MS] = [2_000, 15_000];

/** A payment, asked again until nothing of it changes; a hold changes by the payer's or the arbiter's acts as well. */
export const paymentQuery = (id: string) =>
  queryOptions({
    queryKey: ["payment", id],
    queryFn: () => client.payment(id),
    refetchInterval: ({ state: { data } }) => {
      if (data === undefined) return false;
      if (!hasEnded(data.state)) return SOON_MS;
      return data.terms === null ? false : LATER_MS;
    },
  });

/** What was done with its hold, the oldest first. */
export const actsQuery = (id: string) =>
  queryOptions({
    queryKey: ["acts", id],
    queryFn: () => client.acts(id),
    refetchInterval: ({ state: { data } }) => (actUnderWay(data ?? []) === undefined ? LATER_MS : SOON_MS),
  });
