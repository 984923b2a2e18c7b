import { keccak_256 } from "@noble/hashes/sha3.js";

import type { SentPayment } from "./signed-payments.ts";

const WORD = 32;
/** payer, amount, nonce, deadline, memo, r, vs */
const ROW_WORDS = 7;

/**
 * The payments in the arguments of `Ledger.settle`, with their ids. @returns null if they are not encoded as compilers and ethers do;
 * what the contract would have made of it is then another's to say.
 */
export function readSettleRows(args: Buffer, separator: Buffer, typehash: Buffer): SentPayment[] | null {
  const message = Buffer.alloc(8 * WORD);
  typehash.copy(message, 0);
  const digest = Buffer.alloc(2 + 2 * WORD);
  digest.writeUInt16BE(0x1901, 0);
  separator.copy(digest, 2);

  const payments: SentPayment[] = [];
  const batches = offset(args, 0, 0);
  const count = batches === null ? null : length(args, batches);
  if (batches === null || count === null) return null;
  for (let index = 0; index < count; index += 1) {
    const batch = offset(args, batches + WORD, index);
    const rows = batch === null ? null : offset(args, batch, 2);
    const rowCount = rows === null ? null : length(args, rows);
    if (batch === null || rows === null || rowCount === null) return null;
    args.copy(message, 2 * WORD, batch, batch + 2 * WORD);
    const [payee, token] = [address(args, batch), address(args, batch + WORD)];
    const first = rows + WORD;
    if (first + rowCount * ROW_WORDS * WORD > args.length) return null;
    for (let at = first; at < first + rowCount * ROW_WORDS * WORD; at += ROW_WORDS * WORD) {
      args.copy(message, WORD, at, at + WORD);
      args.copy(message, 4 * WORD, at + WORD, at + 5 * WORD);
      digest.set(keccak_256(message), 2 + WORD);
      const signature = args.toString("hex", at + 5 * WORD, at + 7 * WORD);
      payments.push({
        ...{ id: `0x${Buffer.from(keccak_256(digest)).toString("hex")}`, payer: address(args, at), payee, token },
        ...{ amount: whole(args, at + WORD), nonce: whole(args, at + 2 * WORD), deadline: whole(args, at + 3 * WORD) },
        memo: `0x${args.toString("hex", at + 4 * WORD, at + 5 * WORD)}`,
        signature: /^0+$/.test(signature) ? null : `0x${signature}`,
        signed: null,
      });
    }
  }
  return payments;
}

/** Where the dynamic member at a word of a tuple stands. */
function offset(args: Buffer, base: number, word: number): number | null {
  const value = length(args, base + word * WORD);
  return value === null || base + value + WORD > args.length ? null : base + value;
}

/** A number that can be one of bytes of these arguments. */
function length(args: Buffer, at: number): number | null {
  if (at + WORD > args.length) return null;
  const value = whole(args, at);
  return value <= BigInt(args.length) ? Number(value) : null;
}

function whole(args: Buffer, at: number): bigint {
  return BigInt(`0x${args.toString("hex", at, at + WORD)}`);
}

function address(args: Buffer, at: number): string {
  return `0x${args.toString("hex", at + 12, at + WORD)}`;
}
