import { Interface, isError } from "ethers";

import { decodeLedgerError } from "../../sdk/contract-errors.ts";
import { rowCode } from "../../sdk/row-codes.ts";
import { recoverSigner, toCompactSignature } from "../../sdk/signature.ts";
import { Ledger__factory } from "../../typechain-types/factories/contracts/Ledger__factory.ts";
import { TRANSACTION_GAS } from "../batching/batches.ts";
import { signatureGas } from "../batching/signature-gas.ts";
import {
  type InstructionContent,
  ownerOf,
  type SingleContent,
  type WithdrawalContent,
} from "../instruction-content.ts";
import type { InstructionRecord } from "../store/instructions.ts";
import type { InstructionCalls } from "./instruction-work.ts";
import { type RowCall, simulate, type Simulator } from "./simulation.ts";

const LEDGER = new Interface(Ledger__factory.abi);

/** Gas above the worst case, beside the signature's where that is no plain ECDSA. */
const WITHDRAWAL_GAS = 160_000;
const SINGLE_GAS = 90_000;
const BINDING_GAS = 120_000;
const BOUND_PAYEE_GAS = 25_000;
/** A batch of withdrawals, which share a token. */
const BATCH_GAS = 20_000;

/** An instruction whose content is of one of these kinds. */
type Of<C extends InstructionContent> = InstructionRecord & { readonly content: C };
type Withdrawal = Of<WithdrawalContent>;
type Single = Of<SingleContent>;

/** What an instruction to the Ledger may use. */
export function ledgerGas(instruction: InstructionRecord, hasP256Precompile: boolean): number {
  const { id, content, signature } = instruction;
  const signer = ownerOf(content);
  const compact = toCompactSignature(signature);
  const isPlain = compact !== undefined && recoverSigner(id, compact) === signer;
  return contentGas(content) + signatureGas({ signer, signature: isPlain ? null : signature }, hasP256Precompile);
}

function contentGas(content: InstructionContent): number {
  switch (content.kind) {
    case "withdrawal":
      return WITHDRAWAL_GAS + BATCH_GAS;
    case "device-binding":
      return BINDING_GAS + content.payees.length * BOUND_PAYEE_GAS;
    case "cancellation":
    case "agreement":
    case "approval":
    case "device-revocation":
      return SINGLE_GAS;
    case "deposit":
      throw new Error("A deposit is no instruction to the Ledger");
  }
}

/** All instructions to the Ledger in one `tryEach`: withdrawals in a batch a token, each other one in a call of its own. */
export function ledgerCalls(simulator: Simulator, ledger: string, hasP256Precompile: boolean): InstructionCalls {
  const gasOf = (row: InstructionRecord): number => ledgerGas(row, hasP256Precompile);
  const sum = (rows: readonly InstructionRecord[]): number =>
    TRANSACTION_GAS + rows.reduce((total, row) => total + gasOf(row), 0);

  function withdrawalCall(token: string): RowCall<Withdrawal> {
    return {
      to: ledger,
      encode: (rows) => ({ rows, data: withdrawalData(token, rows), gasLimit: sum(rows) }),
      decode: (answer) => [...(LEDGER.decodeFunctionResult("withdrawBatch", answer)[0] as bigint[])],
    };
  }

  async function trySingle(single: Single): Promise<string | undefined> {
    try {
      const { provider, from } = simulator;
      await provider.call({ from, to: ledger, data: singleData(single), gasLimit: sum([single]) });
      return undefined;
    } catch (error) {
      if (!isError(error, "CALL_EXCEPTION")) throw error;
      return codeOfRevert(error.data);
    }
  }

  return {
    carrier: "ledger",
    to: ledger,
    gasOf,
    async judge(instructions) {
      const { singles, withdrawals } = sorted(instructions);
      const good: InstructionRecord[] = [];
      const bad: { row: InstructionRecord; code: string }[] = [];
      for (const single of singles) {
        const code = await trySingle(single);
        if (code === undefined) good.push(single);
        else bad.push({ row: single, code });
      }
      for (const [token, rows] of withdrawals) {
        const simulation = await simulate(simulator, withdrawalCall(token), rows);
        good.push(...simulation.good);
        bad.push(...simulation.bad);
      }
      return { good, bad };
    },
    encode(instructions) {
      const { singles, withdrawals } = sorted(instructions);
      const batches = [...withdrawals].map(([token, rows]) => withdrawalData(token, rows));
      const calls = [...singles.map(singleData), ...batches];
      return {
        data: LEDGER.encodeFunctionData("tryEach", [calls]),
        gasLimit: sum(instructions),
        batches: calls.length,
      };
    },
  };
}

/** Cancellations first: what they are after may travel in the same transaction. */
function sorted(instructions: readonly InstructionRecord[]): {
  readonly singles: readonly Single[];
  readonly withdrawals: ReadonlyMap<string, readonly Withdrawal[]>;
} {
  const singles: Single[] = [];
  const withdrawals = new Map<string, Withdrawal[]>();
  for (const instruction of instructions) {
    const { content } = instruction;
    if (content.kind === "withdrawal") {
      withdrawals.set(content.token, [...(withdrawals.get(content.token) ?? []), { ...instruction, content }]);
    } else if (content.kind !== "deposit") singles.push({ ...instruction, content });
  }
  const isCancellation = (single: Single): number => Number(single.content.kind === "cancellation");
  singles.sort((a, b) => isCancellation(b) - isCancellation(a));
  for (const rows of withdrawals.values()) rows.sort(byOwnerAndNonce);
  return { singles, withdrawals };
}

/** So that a higher nonce does not push a lower one out of the window. */
function byOwnerAndNonce({ content: a }: Withdrawal, { content: b }: Withdrawal): number {
  if (a.owner !== b.owner) return a.owner < b.owner ? -1 : 1;
  return BigInt(a.nonce) < BigInt(b.nonce) ? -1 : 1;
}

function withdrawalData(token: string, rows: readonly Withdrawal[]): string {
  return LEDGER.encodeFunctionData("withdrawBatch", [
    token,
    rows.map(({ content, signature }) => ({ ...content, signature })),
  ]);
}

/** The call of an instruction that stands alone. */
export function singleData({ content, signature }: Pick<Single, "content" | "signature">): string {
  const { token, nonce, deadline } = content;
  const tail = [nonce, deadline, signature];
  switch (content.kind) {
    case "cancellation":
      return LEDGER.encodeFunctionData("cancelWithSignature", [content.owner, token, ...tail]);
    case "agreement": {
      const { payee, operator, feeBps, flatFee } = content;
      return LEDGER.encodeFunctionData("agreeWithSignature", [payee, operator, token, feeBps, flatFee, ...tail]);
    }
    case "approval": {
      const { owner, spender, amount } = content;
      return LEDGER.encodeFunctionData("approveWithSignature", [owner, spender, token, amount, ...tail]);
    }
    case "device-binding":
      return LEDGER.encodeFunctionData("bindDeviceWithSignature", [
        content.owner,
        token,
        content.index,
        content,
        ...tail,
      ]);
    case "device-revocation":
      return LEDGER.encodeFunctionData("revokeDeviceWithSignature", [content.owner, token, content.index, ...tail]);
  }
}

const CODES: Readonly<Record<string, string>> = {
  LedgerSignatureExpired: "expired",
  LedgerBadSignature: "bad_signature",
  LedgerFeeTooHigh: "fee_too_high",
  LedgerInvalidDevice: "invalid_device",
};

/** The stable code of a single instruction's revert. */
export function codeOfRevert(data: string | null): string {
  const error = data === null ? undefined : decodeLedgerError(data);
  if (error === undefined) return "simulation_reverted";
  if (error.name === "LedgerNonceUnusable") return rowCode(error.args.code as bigint);
  return CODES[error.name] ?? "simulation_reverted";
}
