import { ProblemError } from "../../sdk/client.ts";

/** Asks again while the relayer is away; its refusals count. */
export async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (const end = Date.now() + 60_000; ;) {
    try {
      return await ask();
    } catch (error) {
      const inFlight = error instanceof ProblemError && error.problem.code === "idempotency_key_in_flight";
      if (error instanceof ProblemError && error.problem.status < 500 && !inFlight) throw error;
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
