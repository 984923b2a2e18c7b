import { isAddress, isHexString } from "ethers";

import { type FxHoldTerms, type FxTerms, REFUND_RULES } from "../fx.ts";
import { BPS, type HoldTerms, MAX_SPLITS } from "../hold.ts";
import { FUNDINGS } from "../payment.ts";
import { MAX_AMOUNT, MAX_DEADLINE, MAX_UINT64 } from "../typed-data.ts";
import { type Receipt, RECEIPT_FORMAT, RECEIPT_VERSION } from "./receipt.ts";
import type { SignedPayment, SignedTerms } from "./signed-row.ts";

/** A text that is no receipt of this version; `field` says where. */
export class ReceiptError extends Error {
  constructor(
    readonly field: string,
    expected: string,
  ) {
    super(field === "" ? `A receipt is ${expected}` : `${field} is not ${expected}`);
    this.name = "ReceiptError";
  }
}

/** A receipt, and what it says was signed. */
export interface ParsedReceipt {
  readonly receipt: Receipt;
  readonly payment: SignedPayment;
}

const MAX_TEXT = 65_536;
/** A wallet's signature can be long, but not as long as that. */
const MAX_SIGNATURE_BYTES = 16_384;

/** Reads what anybody may have written. @throws ReceiptError */
export function parseReceipt(text: string): ParsedReceipt {
  if (text.length > MAX_TEXT) throw new ReceiptError("", `at most ${MAX_TEXT} characters long`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ReceiptError("", "JSON");
  }
  const root = new Fields(value, "");
  if (root.of("format") !== RECEIPT_FORMAT) throw new ReceiptError("format", RECEIPT_FORMAT);
  if (root.of("version") !== RECEIPT_VERSION) throw new ReceiptError("version", String(RECEIPT_VERSION));
  const contracts = root.object("contracts");
  const funding = root.oneOf("funding", FUNDINGS);
  const fields = root.object("payment");
  const payment = { ...paymentOf(fields), funding };
  const exchange = root.of("exchange") === null ? null : root.object("exchange");
  const rate = exchange?.object("rate");
  const receipt: Receipt = {
    ...{ format: RECEIPT_FORMAT, version: RECEIPT_VERSION, chainId: String(root.whole("chainId", 2n ** 64n)) },
    contracts: {
      ledger: contracts.address("ledger"),
      escrow: contracts.addressOrNull("escrow"),
      gateway: contracts.addressOrNull("gateway"),
      exchange: contracts.addressOrNull("exchange"),
      permit2: contracts.addressOrNull("permit2"),
      signatureVerifier: contracts.addressOrNull("signatureVerifier"),
    },
    ...{ id: root.hex("id", 32), funding, payment: fields.value as Receipt["payment"], signature: signatureOf(root) },
    ...{ transactionHash: root.hex("transactionHash", 32), blockHash: root.hex("blockHash", 32) },
    blockNumber: String(root.whole("blockNumber", BigInt(Number.MAX_SAFE_INTEGER))),
    settledAt: String(root.whole("settledAt", MAX_DEADLINE)),
    exchange:
      exchange === null || rate === undefined
        ? null
        : {
            rate: { payAmount: rate.amount("payAmount"), settleAmount: rate.amount("settleAmount") },
            paid: exchange.amount("paid"),
            settled: exchange.amount("settled"),
            fee: exchange.of("fee") === null ? null : exchange.amount("fee"),
          },
  };
  return { receipt, payment };
}

function signatureOf(root: Fields): string {
  const signature = root.hex("signature");
  if (signature.length > 2 + 2 * MAX_SIGNATURE_BYTES) throw new ReceiptError("signature", "a signature");
  return signature;
}

function paymentOf(fields: Fields): Omit<SignedPayment, "funding"> {
  const memo = fields.of("memo");
  const signed: SignedTerms =
    memo === undefined ? termsOf(fields.object("terms")) : { kind: "plain", memo: fields.hex("memo", 32) };
  return {
    ...{ payer: fields.address("payer"), payee: fields.address("payee"), token: fields.address("token") },
    ...{ amount: fields.whole("amount", MAX_AMOUNT), nonce: fields.whole("nonce", MAX_UINT64) },
    ...{ deadline: fields.whole("deadline", MAX_DEADLINE), signed },
  };
}

function termsOf(terms: Fields): SignedTerms {
  if (terms.of("settleToken") === undefined) return { kind: "held", terms: holdTermsOf(terms) };
  const common = {
    settleToken: terms.address("settleToken"),
    settleAmount: terms.whole("settleAmount", MAX_AMOUNT),
    quote: terms.hex("quote", 32),
  };
  if (terms.of("hold") === undefined) {
    const fx: FxTerms = { ...common, payee: terms.address("payee"), memo: terms.hex("memo", 32) };
    return { kind: "exchanged", terms: fx, quote: null };
  }
  const fx: FxHoldTerms = {
    ...common,
    refundRule: terms.oneOf("refundRule", REFUND_RULES),
    refundDeadline: terms.whole("refundDeadline", MAX_DEADLINE),
    hold: holdTermsOf(terms.object("hold")),
  };
  return { kind: "exchanged_held", terms: fx, quote: null };
}

function holdTermsOf(terms: Fields): HoldTerms {
  const splits = terms.list("splits", MAX_SPLITS).map((split) => ({
    recipient: split.address("recipient"),
    shareBps: split.small("shareBps", BPS),
  }));
  return {
    ...{ payee: terms.address("payee"), splits },
    captureDeadline: terms.whole("captureDeadline", MAX_DEADLINE),
    refundDeadline: terms.whole("refundDeadline", MAX_DEADLINE),
    arbiter: terms.address("arbiter"),
    rulingPeriod: terms.whole("rulingPeriod", MAX_DEADLINE),
    defaultPayerBps: terms.small("defaultPayerBps", BPS),
    memo: terms.hex("memo", 32),
  };
}

/** An object of a stranger's; each member is read by what it must be. */
class Fields {
  readonly value: Readonly<Record<string, unknown>>;

  constructor(
    value: unknown,
    readonly path: string,
  ) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw new ReceiptError(path, "an object");
    this.value = value as Record<string, unknown>;
  }

  of(name: string): unknown {
    return Object.hasOwn(this.value, name) ? this.value[name] : undefined;
  }

  object(name: string): Fields {
    return new Fields(this.of(name), this.#at(name));
  }

  list(name: string, most: number): readonly Fields[] {
    const list = this.of(name);
    if (!Array.isArray(list) || list.length > most) throw new ReceiptError(this.#at(name), `a list of up to ${most}`);
    return list.map((item: unknown, index) => new Fields(item, `${this.#at(name)}.${index}`));
  }

  hex(name: string, length?: number): string {
    const value = this.of(name);
    const isBytes = isHexString(value, length ?? true);
    if (!isBytes)
      throw new ReceiptError(this.#at(name), length === undefined ? "bytes in hex" : `${length} bytes in hex`);
    return value.toLowerCase();
  }

  address(name: string): string {
    const value = this.of(name);
    if (typeof value !== "string" || !value.startsWith("0x") || !isAddress(value)) {
      throw new ReceiptError(this.#at(name), "an address");
    }
    return value;
  }

  addressOrNull(name: string): string | null {
    return this.of(name) === null ? null : this.address(name);
  }

  whole(name: string, most: bigint): bigint {
    const value = this.of(name);
    const isDecimal = typeof value === "string" && /^(0|[1-9][0-9]{0,77})$/.test(value);
    if (!isDecimal || BigInt(value) > most) throw new ReceiptError(this.#at(name), `a decimal string up to ${most}`);
    return BigInt(value);
  }

  amount(name: string): string {
    return String(this.whole(name, MAX_AMOUNT));
  }

  small(name: string, most: number): number {
    const value = this.of(name);
    if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value > most) {
      throw new ReceiptError(this.#at(name), `a whole number up to ${most}`);
    }
    return value;
  }

  oneOf<T extends string>(name: string, choices: readonly T[]): T {
    const found = choices.find((choice) => choice === this.of(name));
    if (found === undefined) throw new ReceiptError(this.#at(name), `one of ${choices.join(", ")}`);
    return found;
  }

  #at(name: string): string {
    return this.path === "" ? name : `${this.path}.${name}`;
  }
}
