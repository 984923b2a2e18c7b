import { type CorridorClient, ProblemError } from "../../sdk/client.ts";
import type { FxPayment } from "../../sdk/fx.ts";
import { Exchange__factory } from "../../typechain-types/factories/contracts/schemes/Exchange__factory.ts";
import type { Order } from "./market.ts";
import type { LocalStack } from "./stack.ts";

/** What was paid in one currency and settled in another, as the Exchange's events tell it. Amounts in smallest units. */
export interface Corridor {
  readonly payToken: string;
  readonly settleToken: string;
  readonly payments: number;
  readonly paid: bigint;
  readonly settled: bigint;
  readonly fee: bigint;
}

/** Pairs of currencies, by their tokens, in the order in which they were first used. */
export async function readCorridors(stack: LocalStack): Promise<Corridor[]> {
  const { exchange: address } = stack.deployment;
  const exchange = Exchange__factory.connect(address, stack.provider);
  const logs = await stack.provider.getLogs({ address, fromBlock: 0, toBlock: "latest" });
  const corridors = new Map<string, Corridor>();
  let fee = 0n;
  for (const log of logs) {
    const event = exchange.interface.parseLog(log);
    if (event?.name === "Exchanged") fee += event.args.fee as bigint;
    if (event?.name !== "QuoteFilled") continue;
    const { payToken, settleToken } = event.args.quote as unknown as Corridor;
    const key = `${payToken}:${settleToken}`;
    const before = corridors.get(key) ?? { payToken, settleToken, payments: 0, paid: 0n, settled: 0n, fee: 0n };
    corridors.set(key, {
      ...before,
      payments: before.payments + Number(event.args.payments),
      paid: before.paid + (event.args.paid as bigint),
      settled: before.settled + (event.args.settled as bigint),
      fee: before.fee + fee,
    });
    fee = 0n;
  }
  return [...corridors.values()];
}

/**
 * Pays for an order in another currency: asks for a quote, signs at it and hands the payment over; at a new quote, under the same
 * nonce, if the first has ended meanwhile. @returns the payment's id, or the code of its refusal.
 */
export async function payInCurrency(
  client: CorridorClient,
  stack: LocalStack,
  { payer, payment, request }: Order,
  payToken: string,
  giveUp: () => boolean,
): Promise<{ readonly id: string } | { readonly refused: string }> {
  if (payer.signFx === undefined) throw new Error("A payer without an account");
  const { token: settleToken, amount: settleAmount, payee, memo, nonce, deadline } = payment;
  for (;;) {
    try {
      const [quoted] = await client.quotes({ payToken, settleToken, settleAmount });
      if (quoted === undefined) throw new Error("No quote");
      const exchanged: FxPayment = {
        ...{ payer: payer.address, payee: stack.deployment.exchange, token: payToken, nonce, deadline },
        amount: BigInt(quoted.payAmount),
        terms: { payee, settleToken, settleAmount, quote: quoted.id, memo },
      };
      return await client.submitPayment(exchanged, await payer.signFx(exchanged), request);
    } catch (error) {
      if (error instanceof ProblemError && error.problem.status < 500 && !error.problem.code.startsWith("quote_")) {
        return { refused: error.problem.code };
      }
      if (giveUp()) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}
