import type { AccountView, PaymentRequestView, QuotedView } from "../../sdk/client.ts";

/** One way to pay a request: a currency, what it costs in it, and what the payer has of it. */
export interface PaySource {
  readonly token: string;
  /** {qTok} */
  readonly cost: bigint;
  /** Undefined: it is the merchant's currency. */
  readonly quote: QuotedView | undefined;
  /** What the payer can spend: her balance without what payments under way will take. Undefined: not known yet. */
  readonly available: bigint | undefined;
  readonly nextNonce: bigint | undefined;
}

/** Every currency that the request can be paid in, the merchant's own first. @param only This token alone, if given. */
export function paySources(
  request: Pick<PaymentRequestView, "token" | "amount">,
  quotes: readonly QuotedView[],
  accounts: ReadonlyMap<string, AccountView>,
  only?: string,
): readonly PaySource[] {
  const own = { token: request.token, cost: BigInt(request.amount), quote: undefined };
  const exchanged = quotes
    .filter(({ payToken }) => payToken !== request.token)
    .map((quote) => ({ token: quote.payToken, cost: BigInt(quote.payAmount), quote }));
  return [own, ...exchanged]
    .filter(({ token }) => only === undefined || token === only)
    .map((source) => {
      const account = accounts.get(source.token);
      if (account === undefined) return { ...source, available: undefined, nextNonce: undefined };
      const rest = BigInt(account.balance) - BigInt(account.reserved);
      return { ...source, available: rest < 0n ? 0n : rest, nextNonce: BigInt(account.nextNonce) };
    });
}

/** How much is missing; 0: enough is there, or it is not known yet. */
export function missingOf({ cost, available }: PaySource): bigint {
  return available === undefined || available >= cost ? 0n : cost - available;
}
