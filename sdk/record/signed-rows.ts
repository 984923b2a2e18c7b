import { concat, Interface, type Result, ZeroHash } from "ethers";

import { ICalls__factory } from "../../typechain-types/factories/contracts/interfaces/ICalls__factory.ts";
import { IEscrow__factory } from "../../typechain-types/factories/contracts/interfaces/IEscrow__factory.ts";
import { IExchange__factory } from "../../typechain-types/factories/contracts/interfaces/IExchange__factory.ts";
import { IGateway__factory } from "../../typechain-types/factories/contracts/interfaces/IGateway__factory.ts";
import { ILedger__factory } from "../../typechain-types/factories/contracts/interfaces/ILedger__factory.ts";
import { quoteId } from "../exchange-typed-data.ts";
import { REFUND_RULES } from "../fx.ts";
import { AUTHORIZATIONS } from "../gateway-typed-data.ts";
import type { HoldTerms } from "../hold.ts";
import type { Funding } from "../payment.ts";
import type { Quote } from "../quote.ts";
import { type ContractName, nameOf, type RecordContracts } from "./contracts.ts";
import type { NotedSignature, SignedPayment, SignedRow, SignedTerms } from "./signed-row.ts";

const CALLS = new Interface(ICalls__factory.abi);
const LEDGER = new Interface(ILedger__factory.abi);
const ESCROW = new Interface(IEscrow__factory.abi);
const EXCHANGE = new Interface(IExchange__factory.abi);
const GATEWAY = new Interface(IGateway__factory.abi);

/** Wrappers within wrappers; who sends more has something to hide. */
const MAX_DEPTH = 4;

export type DecodedCall =
  | { readonly kind: "rows"; readonly rows: readonly SignedRow[]; readonly noted: readonly NotedSignature[] }
  /** Called by way of a contract that is none of ours, or by a call that carries no payments. */
  | { readonly kind: "unknown_contract" | "unknown_call" };

type Fields = Readonly<Record<string, unknown>>;

/** The payments that a transaction carries to one of the contracts, out of its calldata. Never throws. */
export function decodeSignedRows(contracts: RecordContracts, to: string | null, data: string): DecodedCall {
  const name = to === null ? undefined : nameOf(contracts, to);
  if (name === undefined) return { kind: "unknown_contract" };
  try {
    return decode(contracts, name, data, 0);
  } catch {
    // Calldata that no call of ours has.
    return { kind: "unknown_call" };
  }
}

function decode(contracts: RecordContracts, name: ContractName, data: string, depth: number): DecodedCall {
  if (depth > MAX_DEPTH) return { kind: "unknown_call" };
  const wrapper = name === "gateway" || name === "x402" ? null : CALLS.parseTransaction({ data });
  if (wrapper?.name === "callWithSignatures") {
    const [signatures, call] = wrapper.args as unknown as [Result, string];
    const inner = decode(contracts, name, call, depth + 1);
    if (inner.kind !== "rows") return inner;
    const noted = listOf(signatures).map((item) => item as unknown as NotedSignature);
    return { ...inner, noted: [...noted, ...inner.noted] };
  }
  if (wrapper?.name === "tryEach") {
    const calls = (wrapper.args[0] as Result).toArray() as string[];
    const inner = calls.map((call) => decode(contracts, name, call, depth + 1));
    const known = inner.filter((call) => call.kind === "rows");
    if (known.length === 0) return { kind: "unknown_call" };
    return { kind: "rows", rows: known.flatMap(({ rows }) => rows), noted: known.flatMap(({ noted }) => noted) };
  }
  const rows = rowsOf(contracts, name, data);
  return rows === undefined ? { kind: "unknown_call" } : { kind: "rows", rows, noted: [] };
}

function rowsOf(contracts: RecordContracts, name: ContractName, data: string): readonly SignedRow[] | undefined {
  switch (name) {
    case "ledger": {
      const call = LEDGER.parseTransaction({ data });
      return call?.name === "settle" ? batchesOf(call.args).flatMap((batch) => plainRows(batch, "account")) : undefined;
    }
    case "escrow": {
      const call = ESCROW.parseTransaction({ data });
      if (call?.name !== "open") return undefined;
      return batchesOf(call.args).flatMap((batch) => heldRows(contracts, batch, "account"));
    }
    case "exchange": {
      const call = EXCHANGE.parseTransaction({ data });
      if (call?.name === "exchange") return batchesOf(call.args).flatMap((batch) => fxRows(contracts, batch));
      if (call?.name !== "exchangeIntoHolds") return undefined;
      return batchesOf(call.args).flatMap((batch) => fxHoldRows(contracts, batch));
    }
    case "gateway": {
      const call = GATEWAY.parseTransaction({ data });
      if (call === null || (call.name !== "pay" && call.name !== "open")) return undefined;
      const funding = AUTHORIZATIONS[Number(call.args[0])];
      if (funding !== "erc3009" && funding !== "permit2") return undefined;
      const beside = (call.args[2] as Result).toArray() as string[];
      const read = (batch: Fields): readonly SignedRow[] =>
        call.name === "pay" ? plainRows(batch, funding, beside) : heldRows(contracts, batch, funding, beside);
      return listOf(call.args[1] as Result).flatMap(read);
    }
    case "x402":
      // Signed for the token alone, in a form of its own.
      return undefined;
  }
}

function plainRows(batch: Fields, funding: Funding, beside?: readonly string[]): readonly SignedRow[] {
  return listOf(batch.rows as Result).map((row) => {
    const signed: SignedTerms = { kind: "plain", memo: String(row.memo) };
    const payment = { ...common(row), payee: String(batch.payee), token: String(batch.token), signed, funding };
    return { payment, signature: signatureOf(row, beside) };
  });
}

function heldRows(
  { escrow }: RecordContracts,
  batch: Fields,
  funding: Funding,
  beside?: readonly string[],
): readonly SignedRow[] {
  return listOf(batch.rows as Result).map((row) => {
    const hold = (row.hold as Result).toObject() as Fields;
    const signed: SignedTerms = { kind: "held", terms: termsOf(batch, hold) };
    const payment = { ...common(hold), payee: escrow ?? "", token: String(batch.token), signed, funding };
    return { payment, signature: signatureOf(row, beside) };
  });
}

function fxRows(contracts: RecordContracts, batch: Fields): readonly SignedRow[] {
  const quote = quoteOf(batch);
  const id = quoteId({ chainId: contracts.chainId, exchange: contracts.exchange ?? "" }, quote);
  return listOf(batch.rows as Result).map((row) => {
    const { payee, settleAmount, memo } = row as { payee: string; settleAmount: bigint; memo: string };
    const terms = { payee, settleToken: quote.settleToken, settleAmount, quote: id, memo };
    return {
      payment: fxPayment(contracts, quote, row, { kind: "exchanged", terms, quote }),
      signature: signatureOf(row),
    };
  });
}

function fxHoldRows(contracts: RecordContracts, batch: Fields): readonly SignedRow[] {
  const quote = quoteOf(batch);
  const id = quoteId({ chainId: contracts.chainId, exchange: contracts.exchange ?? "" }, quote);
  const holds = (batch.holds as Result).toObject() as Fields;
  const ceilings = (batch.amounts as Result).toArray() as bigint[];
  const refundRule = REFUND_RULES[Number(batch.refundRule)];
  if (refundRule === undefined) return [];
  return listOf(holds.rows as Result).flatMap((row, index) => {
    const hold = (row.hold as Result).toObject() as Fields;
    const amount = ceilings[index];
    if (amount === undefined) return [];
    const terms = {
      ...{ settleToken: quote.settleToken, settleAmount: hold.amount as bigint, quote: id },
      ...{ refundRule, refundDeadline: batch.refundDeadline as bigint, hold: termsOf(holds, hold) },
    };
    const payment = fxPayment(contracts, quote, { ...hold, amount }, { kind: "exchanged_held", terms, quote });
    return [{ payment, signature: signatureOf(row) }];
  });
}

function fxPayment({ exchange }: RecordContracts, quote: Quote, row: Fields, signed: SignedTerms): SignedPayment {
  return { ...common(row), payee: exchange ?? "", token: quote.payToken, signed, funding: "account" };
}

function common(row: Fields): Pick<SignedPayment, "payer" | "amount" | "nonce" | "deadline"> {
  const { payer, amount, nonce, deadline } = row as unknown as SignedPayment;
  return { payer, amount, nonce, deadline };
}

function termsOf(batch: Fields, hold: Fields): HoldTerms {
  const { captureDeadline, refundDeadline, arbiter, rulingPeriod, memo } = hold as unknown as HoldTerms;
  const splits = listOf(batch.splits as Result).map(({ recipient, shareBps }) => ({
    recipient: String(recipient),
    shareBps: Number(shareBps),
  }));
  const defaultPayerBps = Number(hold.defaultPayerBps);
  return {
    ...{ payee: String(batch.payee), splits, captureDeadline, refundDeadline },
    ...{ arbiter, rulingPeriod, defaultPayerBps, memo },
  };
}

function quoteOf(batch: Fields): Quote {
  return (batch.quote as Result).toObject() as unknown as Quote;
}

/** @param beside Of a pulled payment: the signatures that are not compact. A row with r = 0 says which is its own. */
function signatureOf({ r, vs }: Fields, beside?: readonly string[]): string | null {
  if (r === ZeroHash && beside !== undefined) return beside[Number(vs)] ?? null;
  return r === ZeroHash && vs === ZeroHash ? null : concat([String(r), String(vs)]);
}

function batchesOf(args: Result): readonly Fields[] {
  return listOf(args[0] as Result);
}

function listOf(list: Result): readonly Fields[] {
  return (list.toArray() as Result[]).map((item) => item.toObject() as Fields);
}
