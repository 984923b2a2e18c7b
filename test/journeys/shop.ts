import { randomUUID } from "node:crypto";

import { hexlify, randomBytes, Wallet, ZeroAddress } from "ethers";

import { deadlineIn, fundPayers, LOCAL_CHAIN_ID } from "../../scripts/local/market.ts";
import type { LocalStack } from "../../scripts/local/stack.ts";
import { type ActView, type ConsentBody, CorridorClient, type PaymentView } from "../../sdk/client.ts";
import type { HoldPayment, HoldTerms } from "../../sdk/hold.ts";
import {
  CAPTURE_TYPES,
  DISPUTE_TYPES,
  EVIDENCE_TYPES,
  REFUND_TYPES,
  RULING_TYPES,
  SETTLEMENT_TYPES,
  signConsent,
  signHoldPayment,
  VOID_TYPES,
} from "../../sdk/hold-typed-data.ts";
import type { Types } from "../../sdk/typed-data.ts";
import { Ledger__factory } from "../../typechain-types/factories/contracts/Ledger__factory.ts";

/** A merchant, her customer, an arbiter and a carrier, who do everything through the relayer's HTTP interface. */
export class Shop {
  readonly client: CorridorClient;
  readonly merchant = new Wallet(hexlify(randomBytes(32)));
  readonly arbiter = new Wallet(hexlify(randomBytes(32)));
  readonly carrier = new Wallet(hexlify(randomBytes(32)));
  nonce = 0n;

  private constructor(
    readonly stack: LocalStack,
    readonly customer: Wallet,
  ) {
    this.client = new CorridorClient(stack.relayerUrl, { apiKey: stack.operatorKey });
  }

  static async open(stack: LocalStack, funds: bigint): Promise<Shop> {
    const [customer] = await fundPayers(stack, 1, funds);
    if (customer === undefined) throw new Error("no customer");
    return new Shop(stack, customer);
  }

  get token(): string {
    return this.stack.deployment.dollar;
  }

  get escrow(): { chainId: bigint; escrow: string } {
    return { chainId: LOCAL_CHAIN_ID, escrow: this.stack.deployment.escrow };
  }

  /** Terms without splits, with an arbiter, good for an hour. */
  async terms(changes: Partial<HoldTerms> = {}): Promise<HoldTerms> {
    return {
      payee: this.merchant.address,
      splits: [],
      captureDeadline: await deadlineIn(this.stack, 3_600n),
      refundDeadline: await deadlineIn(this.stack, 7_200n),
      arbiter: this.arbiter.address,
      rulingPeriod: 3_600n,
      defaultPayerBps: 5_000,
      memo: hexlify(randomBytes(32)),
      ...changes,
    };
  }

  static readonly withoutArbiter = { arbiter: ZeroAddress, rulingPeriod: 0n, defaultPayerBps: 0 };

  async compose(terms: HoldTerms, changes: Partial<HoldPayment> = {}): Promise<HoldPayment> {
    this.nonce += 1n;
    return {
      payer: this.customer.address,
      payee: this.stack.deployment.escrow,
      token: this.token,
      amount: 1_000_000n,
      nonce: this.nonce,
      deadline: await deadlineIn(this.stack, 600n),
      terms,
      ...changes,
    };
  }

  sign(payment: HoldPayment): Promise<string> {
    return signHoldPayment(this.customer, { chainId: LOCAL_CHAIN_ID, ledger: this.stack.deployment.ledger }, payment);
  }

  /** Pays into a hold and waits until it is open. */
  async hold(terms: HoldTerms, amount = 1_000_000n): Promise<PaymentView> {
    const payment = await this.compose(terms, { amount });
    const { id } = await this.client.submitPayment(payment, await this.sign(payment));
    return this.client.decided(id);
  }

  async consent(signer: Wallet, types: Types, value: Record<string, unknown>, seconds = 600n): Promise<ConsentBody> {
    const deadline = await deadlineIn(this.stack, seconds);
    const signature = await signConsent(signer, this.escrow, types, { ...value, deadline });
    return { deadline: deadline.toString(), signature };
  }

  async capture(id: string, amount: bigint, captured = 0n, signer = this.merchant): Promise<ActView> {
    const consent = await this.consent(signer, CAPTURE_TYPES, { id, amount, captured });
    const body = { amount: amount.toString(), captured: captured.toString(), consent };
    return this.client.act(id, "capture", body, randomUUID());
  }

  async refund(id: string, amount: bigint, refunded = 0n): Promise<ActView> {
    const consent = await this.consent(this.merchant, REFUND_TYPES, { id, amount, refunded });
    const body = { amount: amount.toString(), refunded: refunded.toString(), consent };
    return this.client.act(id, "refund", body, randomUUID());
  }

  async void(id: string, captured = 0n): Promise<ActView> {
    const consent = await this.consent(this.merchant, VOID_TYPES, { id, captured });
    return this.client.act(id, "void", { consent }, randomUUID());
  }

  async dispute(id: string, evidence: string, signer = this.customer, captured = 0n): Promise<ActView> {
    const consent = await this.consent(signer, DISPUTE_TYPES, { id, evidence, captured });
    return this.client.act(id, "dispute", { actor: signer.address, evidence, consent }, randomUUID());
  }

  async submitEvidence(id: string, evidence: string, signer: Wallet, captured = 0n): Promise<ActView> {
    const consent = await this.consent(signer, EVIDENCE_TYPES, { id, evidence, captured });
    return this.client.act(id, "evidence", { actor: signer.address, evidence, consent }, randomUUID());
  }

  async rule(id: string, payerBps: number, captured = 0n): Promise<ActView> {
    const consent = await this.consent(this.arbiter, RULING_TYPES, { id, payerBps, captured });
    return this.client.act(id, "rule", { payerBps, consent }, randomUUID());
  }

  async settle(id: string, toPayer: bigint, captured = 0n): Promise<ActView> {
    const value = { id, toPayer, captured };
    const payerConsent = await this.consent(this.customer, SETTLEMENT_TYPES, value);
    const payeeConsent = await this.consent(this.merchant, SETTLEMENT_TYPES, value);
    return this.client.act(id, "settle", { toPayer: toPayer.toString(), payerConsent, payeeConsent }, randomUUID());
  }

  /** @throws Error unless the act takes effect. */
  async done(act: Promise<ActView>): Promise<ActView> {
    const decided = await this.client.actDecided((await act).id);
    if (decided.state === "rejected") throw new Error(`${decided.verb} was rejected: ${decided.code}`);
    return decided;
  }

  async balance(owner: { address: string }): Promise<bigint> {
    const ledger = Ledger__factory.connect(this.stack.deployment.ledger, this.stack.provider);
    return (await ledger.accountOf(owner.address, this.token)).balance;
  }
}
