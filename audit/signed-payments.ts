import { keccak_256 } from "@noble/hashes/sha3.js";
import { hexlify, id as hashOf, Interface, type Result, TypedDataEncoder } from "ethers";

import type { RecordContracts } from "../sdk/record/contracts.ts";
import { nameOf } from "../sdk/record/contracts.ts";
import { idOf, memoOf } from "../sdk/record/signed-ids.ts";
import type { NotedSignature, SignedPayment } from "../sdk/record/signed-row.ts";
import { decodeSignedRows } from "../sdk/record/signed-rows.ts";
import { PAYMENT_TYPES, typedDataDomain } from "../sdk/typed-data.ts";
import { ILedger__factory } from "../typechain-types/factories/contracts/interfaces/ILedger__factory.ts";
import type { CallFrame } from "./call-frames.ts";
import { readSettleRows } from "./settle-calldata.ts";

/** A payment as it was sent to be settled, whatever became of it. Hexadecimal digits in small letters. */
export interface SentPayment {
  readonly id: string;
  readonly payer: string;
  readonly payee: string;
  readonly token: string;
  readonly amount: bigint;
  readonly nonce: bigint;
  readonly deadline: bigint;
  /** As the Ledger's event has it: of terms their hash. */
  readonly memo: string;
  /** Null: it does not travel in the row, but was checked before the call. */
  readonly signature: string | null;
  /** With its terms; null of what was read as the Ledger takes it from a scheme that is not known. */
  readonly signed: SignedPayment | null;
}

/** What a transaction was sent to settle. */
export interface SentCall {
  readonly payments: readonly SentPayment[];
  readonly noted: readonly NotedSignature[];
}

const LEDGER = new Interface(ILedger__factory.abi);
const SETTLE = LEDGER.getFunction("settle")?.selector ?? "";
const COLLECT = ["collect", "collectUpTo"].map((name) => LEDGER.getFunction(name)?.selector ?? "");
const PAYMENT_STUB = "Payment(address payer,address payee,address token,uint128 amount,uint64 nonce,uint48 deadline,";

export interface SentReader {
  /** Out of a call to one of the contracts. `null`: it is none that carries payments. */
  read(to: string | null, input: string): SentCall | null;
  /** Out of a trace: calls of our contracts by others', down to what the Ledger was told to collect. */
  readFrames(frame: CallFrame): SentCall;
}

export function createSentReader(contracts: RecordContracts, verifier: string): SentReader {
  const ledger = contracts.ledger.toLowerCase();
  const domain = { chainId: contracts.chainId, ledger: contracts.ledger };
  const separator = Buffer.from(TypedDataEncoder.hashDomain(typedDataDomain(domain)).slice(2), "hex");
  const typehash = hashOf(TypedDataEncoder.from(PAYMENT_TYPES).encodeType("Payment"));

  function read(to: string | null, input: string): SentCall | null {
    if (to === ledger && input.startsWith(SETTLE)) {
      // Nearly all payments, and a hundred times as fast as by their interface.
      const payments = readSettleRows(
        Buffer.from(input.slice(10), "hex"),
        separator,
        Buffer.from(typehash.slice(2), "hex"),
      );
      if (payments !== null) return { payments, noted: [] };
    }
    const decoded = decodeSignedRows(contracts, to, input);
    if (decoded.kind !== "rows") return null;
    const payments = decoded.rows.flatMap(({ payment, signature }) => {
      const id = idOf(contracts, payment);
      return id === undefined ? [] : [sentOf(id, payment, signature)];
    });
    return { payments, noted: decoded.noted };
  }

  function readFrames({ from, to, input, calls }: CallFrame): SentCall {
    const own = to === null || nameOf(contracts, to) === undefined ? null : read(to, input);
    if (own !== null) return own;
    if (to === ledger && COLLECT.includes(input.slice(0, 10))) {
      return { payments: collected(from, input, separator), noted: [] };
    }
    const parts = calls.map(readFrames);
    const noted = to === verifier ? notedIn(input) : [];
    return {
      payments: parts.flatMap((part) => part.payments),
      noted: [...noted, ...parts.flatMap((part) => part.noted)],
    };
  }

  return { read, readFrames };
}

function sentOf(id: string, signed: SignedPayment, signature: string | null): SentPayment {
  const { payer, payee, token, amount, nonce, deadline } = signed;
  const [from, to, of] = [payer.toLowerCase(), payee.toLowerCase(), token.toLowerCase()];
  return { id, payer: from, payee: to, token: of, amount, nonce, deadline, memo: memoOf(signed), signature, signed };
}

/** What any scheme told the Ledger to collect: the payments' ids follow from the type that it names. */
function collected(scheme: string, input: string, separator: Buffer): SentPayment[] {
  const call = LEDGER.parseTransaction({ data: input });
  if (call === null) return [];
  const token = String(call.args[0]).toLowerCase();
  const rows = (call.args[1] as Result).toArray() as Result[];
  const typehash = hashOf(PAYMENT_STUB + String(call.args.at(-1)));
  return rows.map((item) => {
    const row = item.toObject() as Omit<SentPayment, "id"> & { readonly r: string; readonly vs: string };
    const { payer, amount, nonce, deadline, memo, r, vs } = row;
    const words = [typehash, payer, scheme, token, amount, nonce, deadline, memo].map(wordOf).join("");
    const hash = keccak_256(Buffer.from(words, "hex"));
    const id = hexlify(keccak_256(Buffer.concat([Buffer.from([0x19, 0x01]), separator, hash])));
    const isNoted = BigInt(r) === 0n && BigInt(vs) === 0n;
    const signature = isNoted ? null : r + vs.slice(2);
    return {
      id,
      payer: payer.toLowerCase(),
      payee: scheme,
      token,
      amount,
      nonce,
      deadline,
      memo,
      signature,
      signed: null,
    };
  });
}

const NOTE = new Interface(["function note((address signer,bytes32 digest,bytes signature)[] signatures)"]);

function notedIn(input: string): NotedSignature[] {
  const call = NOTE.parseTransaction({ data: input });
  const items = call === null ? [] : ((call.args[0] as Result).toArray() as Result[]);
  return items.map((item) => item.toObject() as unknown as NotedSignature);
}

function wordOf(value: string | bigint): string {
  return (typeof value === "bigint" ? value.toString(16) : value.slice(2)).padStart(64, "0");
}
