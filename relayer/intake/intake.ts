import { ZeroHash } from "ethers";

import { fxPaymentId } from "../../sdk/exchange-typed-data.ts";
import { gatewayPaymentId } from "../../sdk/gateway-typed-data.ts";
import { holdId } from "../../sdk/hold-typed-data.ts";
import type { LedgerDomain } from "../../sdk/typed-data.ts";
import { AppError } from "../app-error.ts";
import { fastPaymentId } from "../../native/payment-id.ts";
import { followedHead, readAccounts, type AccountState } from "../store/chain.ts";
import { inTransaction, type Queryable } from "../store/database.ts";
import { type DeviceAsOf, deviceAsOfText, deviceText, readDevicePromises } from "../store/devices.ts";
import { findInstructionNonces } from "../store/instructions.ts";
import {
  findNonceHolders,
  findPayments,
  insertPayments,
  type NewPayment,
  nonceKey,
  type PaymentRecord,
  takenBy,
} from "../store/payments.ts";
import { findQuotes, lockQuotes } from "../store/quotes.ts";
import { wasRolledBack } from "../store/transient.ts";
import { linkPaymentRequests, lockPaymentRequests, type PaymentRequest } from "../store/payment-requests.ts";
import { ATTRIBUTES, linkHere, tracedTogether, type TraceLink } from "../tracing.ts";
import type { Authorization } from "./authorization.ts";
import { checkAccount, checkAuthorization, type Draft } from "./check.ts";
import type { CheckContext } from "./check-context.ts";
import { checkLeft } from "./check-device.ts";
import { type Moment, prove, type ProofDependencies, type Proven } from "./proof.ts";
import { checkRequest } from "./payment-requests.ts";
import type { Refusal } from "./refusal.ts";
import { maySettledBefore, recordSettledBefore, type SettledBeforeDependencies } from "./settled-before.ts";

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
  /** How many payments wait to be looked at. */
  waiting(): number;
  /** Lets what is under way finish. */
  drain(): Promise<void>;
}

export interface IntakeDependencies extends ProofDependencies, SettledBeforeDependencies {
  readonly domain: LedgerDomain;
  readonly escrow: string | undefined;
  readonly gateway: string | undefined;
  readonly exchange: string | undefined;
  readonly tokens: readonly string[];
  /** Brings the record of the chain up to date; called when an account seems to hold too little. */
  readonly catchUp: () => Promise<void>;
  readonly onAccepted: (count: number) => void;
}

interface Waiting {
  readonly id: string;
  readonly authorization: Authorization;
  /** The request that it came by. */
  readonly link: TraceLink;
  readonly resolve: (result: IntakeResult) => void;
  readonly reject: (error: unknown) => void;
}

interface Drafted {
  readonly item: Waiting;
  readonly draft: Draft;
}

interface Proved extends Drafted {
  readonly proof: Proven | Refusal;
}

interface Checked extends Proven {
  readonly item: Waiting;
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
        await tracedTogether("intake.group", group, { [ATTRIBUTES.payments]: group.length }, handleTwice, group);
      } catch (error) {
        for (const item of group) item.reject(error);
      }
    }
    working = undefined;
  }

  /** Once more if the first time was rolled back in favour of another transaction: nothing was stored then. */
  async function handleTwice(group: readonly Waiting[]): Promise<void> {
    try {
      await handle(group);
    } catch (error) {
      if (!wasRolledBack(error)) throw error;
      await handle(group);
    }
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
    const { domain, escrow, gateway, exchange } = deps;
    const quotes = await findQuotes(
      deps.database,
      group.flatMap(({ authorization }) => quoteOf(authorization) ?? []),
    );
    const context = { ledger: domain.ledger, domain, escrow, gateway, exchange, quotes, tokens, now };
    const drafts: Drafted[] = [];
    for (const item of group) {
      const payment = known.get(item.id);
      if (payment !== undefined) {
        results.set(item, { kind: "known", payment });
        continue;
      }
      const draft = checkAuthorization(item.id, item.authorization, context);
      if ("code" in draft) results.set(item, { kind: "refused", refusal: draft });
      else drafts.push({ item, draft });
    }
    const checked = await proveAll(drafts, now, results);
    await store(checked, now, results);
    const short = checked.filter(({ item }) => isShort(results.get(item)));
    if (short.length > 0) {
      await deps.catchUp();
      await store(short, now, results);
    }
    await lookUpSettled(group, { ...context, now: 0n }, results);
    return results;
  }

  /** What is refused as something that the chain may have settled is known, if it has. @param context As of its beginning. */
  async function lookUpSettled(
    group: readonly Waiting[],
    context: CheckContext,
    results: Map<Waiting, IntakeResult>,
  ): Promise<void> {
    for (const item of group) {
      const result = results.get(item);
      if (result?.kind !== "refused" || !maySettledBefore(result.refusal.code)) continue;
      const draft = checkAuthorization(item.id, item.authorization, context);
      if ("code" in draft || draft.fx !== null || draft.funding !== "account") continue;
      try {
        const proof = await prove(draft, item.authorization.signature, deps, { head: await requireHead(), now: 0n });
        const payment = "code" in proof ? undefined : await recordSettledBefore(deps, proof.payment);
        if (payment !== undefined) results.set(item, { kind: "known", payment });
      } catch (error) {
        item.reject(error);
      }
    }
  }

  /** Asks whatever has to be asked of the chain about all of them at once, before anything is locked. */
  async function proveAll(
    drafts: readonly Drafted[],
    now: bigint,
    results: Map<Waiting, IntakeResult>,
  ): Promise<Checked[]> {
    let proofs = await proveEach(drafts, now);
    if (proofs.some(({ proof }) => isOfDevice(proof))) {
      // A device may have been bound, or have paid, since the last block that was followed.
      await deps.catchUp();
      const again = await proveEach(
        proofs.filter(({ proof }) => isOfDevice(proof)),
        now,
      );
      proofs = [...proofs.filter(({ proof }) => !isOfDevice(proof)), ...again];
    }
    const checked: Checked[] = [];
    for (const { item, proof } of proofs) {
      if ("code" in proof) results.set(item, { kind: "refused", refusal: proof });
      else checked.push({ item, ...proof });
    }
    return checked;
  }

  /** @returns what could be found out; whoever waits for one of the others is told to try again. */
  async function proveEach(drafts: readonly Drafted[], now: bigint): Promise<Proved[]> {
    const head = await requireHead();
    const proofs = await Promise.all(
      drafts.map(async ({ item, draft }): Promise<Proved | undefined> => {
        try {
          return { item, draft, proof: await prove(draft, item.authorization.signature, deps, { head, now }) };
        } catch (error) {
          item.reject(error);
          return undefined;
        }
      }),
    );
    return proofs.filter((proved) => proved !== undefined);
  }

  async function requireHead(): Promise<Moment["head"]> {
    const head = await followedHead(deps.database);
    if (head === undefined) throw new AppError("not_followed", "No block was followed yet.", { retriable: true });
    return head;
  }

  /** Decides and stores in one SQL transaction, with the payers' accounts locked against other instances. */
  async function store(checked: readonly Checked[], now: bigint, results: Map<Waiting, IntakeResult>): Promise<void> {
    if (checked.length === 0) return;
    await inTransaction(deps.database, async (db) => {
      const payments = checked.map(({ payment }) => payment);
      // A pulled payment takes from no account, and its nonce is the token's matter.
      const fromAccounts = payments.filter(({ funding }) => funding === "account");
      const keys = fromAccounts.map((payment) => ({ owner: payment.payer, token: payment.token }));
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
      const holders = await findNonceHolders(db, fromAccounts);
      const promises = await readDevicePromises(
        db,
        checked.flatMap((item) => deviceOf(item) ?? []),
      );
      /** By device, what this very group adds. */
      const added = new Map<string, bigint>();
      const instructions = await findInstructionNonces(db, fromAccounts);
      const requested = payments.flatMap(({ requestId }) => (requestId === null ? [] : [requestId]));
      const requests =
        requested.length === 0 ? new Map<string, PaymentRequest>() : await lockPaymentRequests(db, requested);
      /** By quote, what is neither given nor promised. */
      const offers = await lockQuotes(
        db,
        payments.flatMap(({ fx }) => fx?.quote.id ?? []),
      );
      const fresh = new Map<string, NewPayment>();
      for (const candidate of checked) {
        const { item, payment, device } = candidate;
        const earlier = known.get(payment.id);
        if (earlier !== undefined) {
          results.set(item, { kind: "known", payment: earlier });
          continue;
        }
        if (fresh.has(payment.id)) continue;
        const request = requests.get(payment.requestId ?? "");
        const key = `${payment.payer}:${payment.token}`;
        const account = accounts.get(key);
        const signer = deviceOf(candidate);
        const before = signer === undefined ? 0n : (added.get(deviceText(signer)) ?? 0n);
        const promised = signer === undefined ? 0n : (promises.get(deviceAsOfText(signer)) ?? 0n) + before;
        let refusal = checkRequest(payment, request, now);
        if (payment.funding === "account") {
          if (account === undefined) throw new Error(`Account ${key} is missing`);
          refusal =
            nonceConflict(payment, holders) ??
            heldByInstruction(payment, instructions) ??
            refusal ??
            (device === undefined ? undefined : checkLeft(payment, device.left - promised)) ??
            checkAccount(payment, account, now) ??
            checkOffer(payment, offers);
        }
        if (refusal !== undefined) {
          results.set(item, { kind: "refused", refusal });
          continue;
        }
        fresh.set(payment.id, payment);
        if (request?.reusable === false) requests.set(request.id, { ...request, paymentId: payment.id });
        if (payment.funding !== "account" || account === undefined) continue;
        holders.set(nonceKey(payment), payment.id);
        accounts.set(key, { ...account, reserved: account.reserved + takenBy(payment) });
        if (signer !== undefined) added.set(deviceText(signer), before + takenBy(payment));
        const { fx } = payment;
        if (fx !== null) offers.set(fx.quote.id, (offers.get(fx.quote.id) ?? 0n) - BigInt(fx.settleAmount));
      }
      const stored = await insertPayments(db, inOrder([...fresh.values()]));
      await linkPaymentRequests(
        db,
        stored.flatMap(({ id, requestId }) => (requestId === null ? [] : [{ paymentId: id, requestId }])),
      );
      const inserted = new Set(stored.map(({ id }) => id));
      const others = await findPayments(
        db,
        [...fresh.keys()].filter((id) => !inserted.has(id)),
      );
      const records = new Map([...stored, ...others].map((payment) => [payment.id, payment]));
      const answered = new Set(others.map(({ id }) => id));
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
        waiting.push({ id: idOf(deps, authorization), authorization, link: linkHere(), resolve, reject });
        working ??= work();
      });
    },
    waiting: () => waiting.length,
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

function idOf({ domain, gateway }: IntakeDependencies, { payment, funding }: Authorization): string {
  const { terms, memo } = payment;
  if (terms !== undefined && "quote" in terms) return fxPaymentId(domain, { ...payment, terms });
  if (terms !== undefined) return holdId(domain, { ...payment, terms });
  const plain = { ...payment, memo: memo ?? ZeroHash };
  return funding === "account" || gateway === undefined
    ? fastPaymentId(domain, plain)
    : gatewayPaymentId({ chainId: domain.chainId, gateway }, funding, plain);
}

function quoteOf({ payment: { terms } }: Authorization): string | undefined {
  return terms !== undefined && "quote" in terms ? terms.quote : undefined;
}

function checkOffer({ fx }: NewPayment, offers: ReadonlyMap<string, bigint>): Refusal | undefined {
  const left = fx === null ? undefined : (offers.get(fx.quote.id) ?? 0n);
  if (fx === null || left === undefined || BigInt(fx.settleAmount) <= left) return undefined;
  return {
    code: "quote_exhausted",
    field: "payment.terms.settleAmount",
    expected: `at most ${left}, which is left of the quote, or a new quote, signed for under the same nonce`,
  };
}

/** Pulled payments by id: they are under no account's lock, and two instances that store the same ones must not meet. */
function inOrder(payments: readonly NewPayment[]): NewPayment[] {
  const pulled = payments.filter(({ funding }) => funding !== "account").sort((a, b) => (a.id < b.id ? -1 : 1));
  return [...payments.filter(({ funding }) => funding === "account"), ...pulled];
}

function deviceOf({ payment, device }: Checked): DeviceAsOf | undefined {
  return device === undefined ? undefined : { owner: payment.payer, token: payment.token, ...device };
}

/** Whether a refusal is for what a device's state is. */
function isOfDevice(proof: Proven | Refusal): boolean {
  return "code" in proof && ["device_inactive", "over_device_limit", "payee_not_allowed"].includes(proof.code);
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

function heldByInstruction(payment: NewPayment, holders: ReadonlyMap<string, string>): Refusal | undefined {
  const instructionId = holders.get(nonceKey(payment));
  if (instructionId === undefined) return undefined;
  return {
    code: "nonce_conflict",
    field: "payment.nonce",
    expected: "a nonce that no instruction of this account holds",
    instructionId,
  };
}
