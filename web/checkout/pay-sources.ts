import type { AccountView, PaymentRequestView, QuotedView } from "../../sdk/client.ts";

/** One way to pay a request: a currency, what it costs in it, and what the payer has of it. */
export interface PaySource {
  readonly token: string;
  /** Out of her account, or out of tokens that her wallet holds. */
  readonly funding: "account" | "erc3009";
  /** {qTok} */
  readonly cost: bigint;
  /** Undefined: it is the merchant's currency. */
  readonly quote: QuotedView | undefined;
  /** What the payer can spend: her balance without what payments under way will take. Undefined: not known yet. */
  readonly available: bigint | undefined;
  readonly nextNonce: bigint | undefined;
}

/** Every way to pay the request, the merchant's own currency first. @param held What the payer's wallet holds of its token itself. */
export function paySources(
  request: Pick<PaymentRequestView, "token" | "amount">,
  quotes: readonly QuotedView[],
  accounts: ReadonlyMap<string, AccountView>,
  held: bigint | undefined,
): readonly PaySource[] {
  const own = { token: request.token, cost: BigInt(request.amount), quote: undefined };
  const exchanged = quotes
    .filter(({ payToken }) => payToken !== request.token)
    .map((quote) => ({ token: quote.payToken, cost: BigInt(quote.payAmount), quote }));
  const fromAccount = [own, ...exchanged].map((source): PaySource => {
    const account = accounts.get(source.token);
    if (account === undefined) return { ...source, funding: "account", available: undefined, nextNonce: undefined };
    const rest = BigInt(account.balance) - BigInt(account.reserved);
    const available = rest < 0n ? 0n : rest;
    return { ...source, funding: "account", available, nextNonce: BigInt(account.nextNonce) };
  });
  if (held === undefined || held === 0n) return fromAccount;
  // An authorization's number is its own; that of the payment only tells payments of one payer apart.
  return [...fromAccount, { ...own, funding: "erc3009", available: held, nextNonce: freshNumber() }];
}

/** How much is missing; 0: enough is there, or it is not known yet. */
export function missingOf({ cost, available }: PaySource): bigint {
  return available === undefined || available >= cost ? 0n : cost - available;
}

export function nameOf({ token, funding }: Pick<PaySource, "token" | "funding">): string {
  return `${funding}:${token}`;
}

function freshNumber(): bigint {
  return BigInt(Date.now());
}
