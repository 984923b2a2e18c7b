import { hexlify, randomBytes, Wallet, ZeroAddress } from "ethers";

import { deadlineIn, LOCAL_CHAIN_ID } from "../../scripts/local/market.ts";
import type { LocalStack } from "../../scripts/local/stack.ts";
import { CorridorClient, type PaymentView, type QuotedView } from "../../sdk/client.ts";
import { signFxPayment } from "../../sdk/exchange-typed-data.ts";
import type { FxHoldTerms, FxPayment, FxTerms, RefundRule } from "../../sdk/fx.ts";
import type { HoldTerms } from "../../sdk/hold.ts";
import { Ledger__factory } from "../../typechain-types/factories/contracts/Ledger__factory.ts";
import { fund } from "./test-maker.ts";

type AnyFxPayment = FxPayment<FxTerms | FxHoldTerms>;

/** Somebody with money in one currency who pays merchants in others, by HTTP and signatures alone. */
export class FxCustomer {
  readonly client: CorridorClient;
  readonly wallet = new Wallet(hexlify(randomBytes(32)));
  nonce = 0n;

  private constructor(
    readonly stack: LocalStack,
    readonly token: string,
  ) {
    this.client = new CorridorClient(stack.relayerUrl);
  }

  static async open(stack: LocalStack, token: string, funds: bigint): Promise<FxCustomer> {
    const customer = new FxCustomer(stack, token);
    await fund(stack, token, customer.wallet.address, funds);
    return customer;
  }

  /** The best quote for an amount in the merchant's currency, paid in the customer's. */
  async quote(settleToken: string, settleAmount: bigint): Promise<QuotedView> {
    const [best] = await this.client.quotes({ payToken: this.token, settleToken, settleAmount });
    if (best === undefined) throw new Error("no quote");
    return best;
  }

  /** A payment at a quote; its ceiling is `spare` above what it costs. */
  async compose(quoted: QuotedView, payee: string, spare = 0n): Promise<FxPayment> {
    const terms: FxTerms = {
      ...{ payee, settleToken: quoted.settleToken, settleAmount: BigInt(quoted.settleAmount) },
      ...{ quote: quoted.id, memo: hexlify(randomBytes(32)) },
    };
    return { ...(await this.#common(quoted, spare)), terms };
  }

  /** A payment at a quote into a hold, without an arbiter. */
  async composeHold(
    quoted: QuotedView,
    payee: string,
    refundRule: RefundRule,
    changes: Partial<HoldTerms> = {},
  ): Promise<FxPayment<FxHoldTerms>> {
    const [captureDeadline, refundDeadline] = [await this.#in(3_600n), await this.#in(7_200n)];
    const byEscrow = refundRule === "settlement_currency";
    const hold: HoldTerms = {
      ...{ payee, splits: [], captureDeadline, refundDeadline: byEscrow ? refundDeadline : 0n },
      ...{ arbiter: ZeroAddress, rulingPeriod: 0n, defaultPayerBps: 0, memo: hexlify(randomBytes(32)) },
      ...changes,
    };
    const terms: FxHoldTerms = {
      ...{ settleToken: quoted.settleToken, settleAmount: BigInt(quoted.settleAmount), quote: quoted.id },
      ...{ refundRule, refundDeadline: byEscrow ? 0n : refundDeadline, hold },
    };
    return { ...(await this.#common(quoted, 0n)), terms };
  }

  async #common(quoted: QuotedView, spare: bigint): Promise<Omit<AnyFxPayment, "terms">> {
    const nonce = this.nonce;
    this.nonce += 1n;
    return {
      ...{ payer: this.wallet.address, payee: this.stack.deployment.exchange, token: this.token },
      ...{ amount: BigInt(quoted.payAmount) + spare, nonce, deadline: await this.#in(600n) },
    };
  }

  #in(seconds: bigint): Promise<bigint> {
    return deadlineIn(this.stack, seconds);
  }

  sign(payment: AnyFxPayment): Promise<string> {
    return signFxPayment(this.wallet, { chainId: LOCAL_CHAIN_ID, ledger: this.stack.deployment.ledger }, payment);
  }

  async submit(payment: AnyFxPayment, request?: string): Promise<PaymentView> {
    return this.client.submitPayment(payment, await this.sign(payment), request);
  }

  /** Submits and waits. */
  async pay(payment: AnyFxPayment): Promise<PaymentView> {
    return this.client.decided((await this.submit(payment)).id);
  }

  async balance(token = this.token, owner = this.wallet.address): Promise<bigint> {
    const ledger = Ledger__factory.connect(this.stack.deployment.ledger, this.stack.provider);
    return (await ledger.accountOf(owner, token)).balance;
  }
}
