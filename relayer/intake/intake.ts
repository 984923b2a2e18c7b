import { ZeroHash } from "ethers";

import { holdId } from "../../sdk/hold-typed-data.ts";
import { paymentId, type LedgerDomain } from "../../sdk/typed-data.ts";
import { followedHead, readAccounts, type AccountState } from "../store/chain.ts";
import { type Database, inTransaction, type Queryable } from "../store/database.ts";
import {
  findNonceHolders,
  findPayments,
  insertPayments,
  type NewPayment,
  nonceKey,
  type PaymentRecord,
} from "../store/payments.ts";
import { linkPaymentRequests, lockPaymentRequests, type PaymentRequest } from "../store/payment-requests.ts";
import type { Authorization } from "./authorization.ts";
import { checkAccount, checkAuthorization, type Refusal } from "./check.ts";
import { checkRequest } from "./payment-requests.ts";

/** Accepted now, known from before, or refused with nothing stored. */
export type IntakeResult =
  | { readonly kind: "accepted"; readonly payment: PaymentRecord }
  | { readonly kind: "known"; readonly payment: PaymentRecord }
  | { readonly kind: "refused"; readonly refusal: Refusal };

export interface Intake {
  /**
   * Checks a signed payment, reserves its amount and stores it. The payment's id is the idempotency key: whoever hands in
   * the same payment again gets the first one's record, whatever has become of it. When this resolves with `accepted`,
   * the payment survives a crash. A rejected promise means that it is not known whether it was stored: try again.
   */
  accept(authorization: Authorization): Promise<IntakeResult>;
  /** Lets what is under way finish. */
  drain(): Promise<void>;
}

export interface IntakeDependencies {
  readonly database: Database;
  readonly domain: LedgerDomain;
  readonly escrow: string | undefined;
  readonly tokens: readonly string[];
  /** Brings the record of the chain up to date; called when an account seems to hold too little. */
  readonly catchUp: () => Promise<void>;
  readonly onAccepted: (count: number) => void;
}

interface Waiting {
  readonly id: string;
  readonly authorization: Authorization;
  readonly resolve: (result: IntakeResult) => void;
  readonly reject: (error: unknown) => void;
}

/** Payments stored by one commit. What arrives while a commit is under way shares the next one. */
const MAX_GROUP = 500;

export function createIntake(deps: IntakeDependencies): Intake {
  const tokens = new Set(deps.tokens);
  let waiting: Waiting[] = [];
  let working: Promise<void> | undefined;

  async function work(): Promise<void> {
    while (waiting.length > 0) {
      const group = waiting.slice(0, MAX_GROUP);
      waiting = waiting.slice(MAX_GROUP);
      try {
        await handle(group);
      } catch (error) {
        for (const item of group) item.reject(error);
      }
    }
    working = undefined;
  }

  async function handle(group: readonly Waiting[]): Promise<void> {
    const results = await decide(group);
    let accepted = 0;
    for (const item of group) {
      const result = results.get(item);
      if (result === undefined) item.reject(new Error("No decision was taken"));
      else item.resolve(result);
      if (result?.kind === "accepted") accepted += 1;
    }
    if (accepted > 0) deps.onAccepted(accepted);
  }

  async function decide(group: readonly Waiting[]): Promise<Map<Waiting, IntakeResult>> {
    const results = new Map<Waiting, IntakeResult>();
    // What is known is answered before it is checked: a payment that settled no longer passes the checks.
    const known = new Map(
      (
        await findPayments(
          deps.database,
          group.map((item) => item.id),
        )
      ).map((p) => [p.id, p]),
    );
    const now = await currentTime(deps.database);
    const context = { ledger: deps.domain.ledger, escrow: deps.escrow, tokens, now };
    const checked: { item: Waiting; payment: NewPayment }[] = [];
    for (const item of group) {
      const payment = known.get(item.id);
      if (payment !== undefined) {
        results.set(item, { kind: "known", payment });
        continue;
      }
      const check = checkAuthorization(item.id, item.authorization, context);
      if ("code" in check) results.set(item, { kind: "refused", refusal: check });
      else checked.push({ item, payment: check });
    }
    await store(checked, now, results);
    const short = checked.filter(({ item }) => isShort(results.get(item)));
    if (short.length > 0) {
      await deps.catchUp();
      await store(short, now, results);
    }
    return results;
  }

  /** Decides and stores in one SQL transaction, with the payers' accounts locked against other instances. */
  async function store(
    checked: readonly { item: Waiting; payment: NewPayment }[],
    now: bigint,
    results: Map<Waiting, IntakeResult>,
  ): Promise<void> {
    if (checked.length === 0) return;
    await inTransaction(deps.database, async (db) => {
      const payments = checked.map(({ payment }) => payment);
      const keys = payments.map((payment) => ({ owner: payment.payer, token: payment.token }));
      const accounts = new Map<string, AccountState>();
      for (const account of await readAccounts(db, keys, "lock"))
        accounts.set(`${account.owner}:${account.token}`, account);
      // Looked up again under the lock: another instance may have been first.
      const known = new Map(
        (
          await findPayments(
            db,
            payments.map((payment) => payment.id),
          )
        ).map((p) => [p.id, p]),
      );
      const holders = await findNonceHolders(db, payments);
      const requested = payments.flatMap(({ requestId }) => (requestId === null ? [] : [requestId]));
      const requests =
        requested.length === 0 ? new Map<string, PaymentRequest>() : await lockPaymentRequests(db, requested);
      const fresh = new Map<string, NewPayment>();
      for (const { item, payment } of checked) {
        const earlier = known.get(payment.id);
        if (earlier !== undefined) {
          results.set(item, { kind: "known", payment: earlier });
          continue;
        }
        if (fresh.has(payment.id)) continue;
        const key = `${payment.payer}:${payment.token}`;
        const account = accounts.get(key);
        if (account === undefined) throw new Error(`Account ${key} is missing`);
        const request = requests.get(payment.requestId ?? "");
        const refusal =
          nonceConflict(payment, holders) ?? checkRequest(payment, request, now) ?? checkAccount(payment, account, now);
        if (refusal !== undefined) {
          results.set(item, { kind: "refused", refusal });
          continue;
        }
        fresh.set(payment.id, payment);
        if (request !== undefined) requests.set(request.id, { ...request, paymentId: payment.id });
        holders.set(nonceKey(payment), payment.id);
        accounts.set(key, { ...account, reserved: account.reserved + payment.amount });
      }
      const stored = await insertPayments(db, [...fresh.values()]);
      await linkPaymentRequests(
        db,
        stored.flatMap(({ id, requestId }) => (requestId === null ? [] : [{ paymentId: id, requestId }])),
      );
      const records = new Map(stored.map((payment) => [payment.id, payment]));
      const answered = new Set<string>();
      for (const { item, payment } of checked) {
        const record = records.get(payment.id);
        if (record === undefined) continue;
        results.set(item, { kind: answered.has(record.id) ? "known" : "accepted", payment: record });
        answered.add(record.id);
      }
    });
  }

  return {
    accept(authorization) {
      return new Promise((resolve, reject) => {
        waiting.push({ id: idOf(deps.domain, authorization), authorization, resolve, reject });
        working ??= work();
      });
    },
    async drain() {
      await working;
    },
  };
}

/** Unix seconds: the later of this machine's clock and the chain's. */
export async function currentTime(db: Queryable): Promise<bigint> {
  const wall = BigInt(Math.floor(Date.now() / 1000));
  const chain = (await followedHead(db))?.timestamp ?? 0n;
  return chain > wall ? chain : wall;
}

function idOf(domain: LedgerDomain, { payment }: Authorization): string {
  const { terms, memo } = payment;
  return terms === undefined
    ? paymentId(domain, { ...payment, memo: memo ?? ZeroHash })
    : holdId(domain, { ...payment, terms });
}

function isShort(result: IntakeResult | undefined): boolean {
  return result?.kind === "refused" && result.refusal.code === "insufficient_balance";
}

function nonceConflict(payment: NewPayment, holders: ReadonlyMap<string, string>): Refusal | undefined {
  const paymentIdOfHolder = holders.get(nonceKey(payment));
  if (paymentIdOfHolder === undefined) return undefined;
  return {
    code: "nonce_conflict",
    field: "payment.nonce",
    expected: "a nonce that no other payment of this account holds",
    paymentId: paymentIdOfHolder,
  };
}
