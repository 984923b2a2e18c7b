import { queryOptions } from "@tanstack/react-query";

import { ProblemError, type SessionView } from "../../../sdk/client.ts";
import { client } from "../../app/client.ts";

/** Who is signed in here; null: nobody. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: async (): Promise<SessionView | null> => {
    try {
      return await client.session();
    } catch (error) {
      if (error instanceof ProblemError && error.problem.status === 401) return null;
      throw error;
    }
  },
  staleTime: 60_000,
});
