import { AmountTooLong } from "../../sdk/statement/iso-amount.ts";
import { CurrencyNotMapped } from "../../sdk/statement/iso-parts.ts";
import { HttpProblem } from "./problem.ts";

/** Runs what writes a message. @throws HttpProblem `amount_too_long`, `currency_not_mapped` where the format has no room. */
export function isoOrProblem<T>(write: () => T): T {
  try {
    return write();
  } catch (error) {
    if (error instanceof AmountTooLong) {
      throw new HttpProblem("amount_too_long", { field: "rounding", expected: `currency: ${error.message}` });
    }
    if (error instanceof CurrencyNotMapped) throw new HttpProblem("currency_not_mapped", { detail: error.message });
    throw error;
  }
}
