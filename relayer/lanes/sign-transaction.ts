import { keccak_256 } from "@noble/hashes/sha3.js";
import { hexlify, Transaction } from "ethers";

import type { LaneSigner } from "../signers/lane-signer.ts";
import type { Fees } from "./fees.ts";
import { encodeRlp, type Rlp } from "./rlp.ts";

export interface Unsigned {
  readonly chainId: bigint;
  readonly nonce: bigint;
  readonly to: string;
  readonly data: string;
  readonly gasLimit: bigint;
}

/** The bytes of a transaction, and the hash by which it is known. */
export interface Signed {
  readonly hash: string;
  readonly raw: string;
}

const EMPTY_GAS = 21_000n;
const TYPE = Buffer.from([2]);

/** An EIP-1559 transaction. What ethers makes, in a fraction of the time: a call of 500 payments has 120 kB. */
export async function signTransaction(signer: LaneSigner, unsigned: Unsigned, { maxFee, tip }: Fees): Promise<Signed> {
  const { chainId, nonce, to, data, gasLimit } = unsigned;
  const members: Rlp[] = [
    ...[chainId, nonce, tip, maxFee, gasLimit].map(whole),
    ...[to, 0n, data].map((value) => (typeof value === "bigint" ? whole(value) : bytes(value))),
    [],
  ];
  const digest = keccak_256(Buffer.concat([TYPE, encodeRlp(members)]));
  const { yParity, r, s } = await signer.sign(hexlify(digest));
  const signature = [BigInt(yParity), BigInt(r), BigInt(s)].map(whole);
  const raw = Buffer.concat([TYPE, encodeRlp([...members, ...signature])]);
  return { hash: hexlify(keccak_256(raw)), raw: `0x${raw.toString("hex")}` };
}

/** What a signed transaction asks for, and for how much. */
export function readSigned(raw: string): { unsigned: Unsigned; fees: Fees } {
  const { chainId, nonce, to, data, gasLimit, maxFeePerGas, maxPriorityFeePerGas } = Transaction.from(raw);
  return {
    unsigned: { chainId, nonce: BigInt(nonce), to: to ?? "", data, gasLimit },
    fees: { maxFee: maxFeePerGas ?? 0n, tip: maxPriorityFeePerGas ?? 0n },
  };
}

/** A transaction that does nothing but use its nonce up. */
export function emptied(chainId: bigint, nonce: bigint, self: string): Unsigned {
  return { chainId, nonce, to: self, data: "0x", gasLimit: EMPTY_GAS };
}

/** Without leading zeros, as RLP has whole numbers. */
function whole(value: bigint): Buffer {
  const text = value === 0n ? "" : value.toString(16);
  return Buffer.from(text.length % 2 === 0 ? text : `0${text}`, "hex");
}

function bytes(text: string): Buffer {
  return Buffer.from(text.slice(2), "hex");
}
