import { Interface, isHexString, keccak256, concat, TypedDataEncoder, ZeroAddress } from "ethers";

import { ILedger__factory } from "../../typechain-types/factories/contracts/interfaces/ILedger__factory.ts";
import { ISignatureVerifier__factory } from "../../typechain-types/factories/contracts/interfaces/ISignatureVerifier__factory.ts";
import { OWNER, splitNonce } from "../device-nonce.ts";
import { erc3009Hold, erc3009Payment, permit2Hold, permit2Payment, type TypedData } from "../gateway-typed-data.ts";
import { verifySignature } from "../verify-signature.ts";
import { readLogs } from "./chain-logs.ts";
import type { RecordContracts } from "./contracts.ts";
import { type RpcCall, RpcError } from "./rpc.ts";
import { type BlockHeader, callContract, type ChainLog } from "./rpc-answers.ts";
import { idOf } from "./signed-ids.ts";
import type { SignedPayment } from "./signed-row.ts";

const LEDGER = new Interface(ILedger__factory.abi);
const VERIFIER = new Interface(ISignatureVerifier__factory.abi);
const DOMAIN_SEPARATOR = new Interface(["function DOMAIN_SEPARATOR() view returns (bytes32)"]);

/** Why nothing was found to check: what a stranger's contract hands on is not in the calldata in a form that is known. */
export type NotFoundReason =
  "no_transaction" | "unknown_contract" | "unknown_call" | "no_such_row" | "no_signature" | "x402";

/**
 * Whether the payer, or her device, signed. `asks_contract`: mathematics cannot say, as it is a contract that answers for the
 * signer; `answer` is what it said as of the block, `unknown` if the node could not run it or the signer is not known.
 */
export type SignatureFinding =
  | { readonly status: "valid"; readonly signer: string; readonly signature: string }
  | { readonly status: "invalid"; readonly reason: "bad_signature" | "device_not_bound" | "another_id" }
  | { readonly status: "not_found_in_calldata"; readonly reason: NotFoundReason }
  | {
      readonly status: "asks_contract";
      readonly answer: "valid" | "invalid" | "unknown";
      readonly signer: string;
      readonly signature: string;
    };

/** Where in the chain a signature was used. */
export interface UsedAt {
  readonly block: BlockHeader;
  readonly logIndex: number;
  /** Where the contracts' events begin: no device was bound before. */
  readonly fromBlock: number;
}

/** @throws RpcError; RecordError */
export async function checkSignature(
  rpc: RpcCall,
  contracts: RecordContracts,
  id: string,
  payment: SignedPayment,
  signature: string,
  at: UsedAt,
): Promise<SignatureFinding> {
  if (idOf(contracts, payment)?.toLowerCase() !== id.toLowerCase()) return { status: "invalid", reason: "another_id" };
  const signer = await signerOf(rpc, contracts, payment, at);
  if (signer === undefined) return { status: "invalid", reason: "device_not_bound" };
  const digest = await digestOf(rpc, contracts, id, payment, at.block);
  if (digest === undefined) return { status: "asks_contract", answer: "unknown", signer, signature };
  switch (verifySignature(signer, digest, signature)) {
    case "valid":
      return { status: "valid", signer, signature };
    case "invalid":
      return { status: "invalid", reason: "bad_signature" };
    case "ask_contract":
      return askContract(rpc, contracts, signer, digest, signature, at.block);
  }
}

async function askContract(
  rpc: RpcCall,
  { signatureVerifier }: RecordContracts,
  signer: string,
  digest: string,
  signature: string,
  { number }: BlockHeader,
): Promise<SignatureFinding> {
  const asks = { status: "asks_contract", signer, signature } as const;
  try {
    const code = await rpc("eth_getCode", [signer, `0x${number.toString(16)}`]);
    // Nobody is there to ask, and the key did not sign.
    if (code === "0x") return { status: "invalid", reason: "bad_signature" };
    if (signatureVerifier === null) return { ...asks, answer: "unknown" };
    const question = VERIFIER.encodeFunctionData("isValid", [signer, digest, signature]);
    const said = VERIFIER.decodeFunctionResult("isValid", await callContract(rpc, signatureVerifier, question, number));
    return { ...asks, answer: said[0] === true ? "valid" : "invalid" };
  } catch (error) {
    // A node that keeps no old state refuses; that says nothing about the signature.
    if (error instanceof RpcError && error.failure === "unreachable") throw error;
    return { ...asks, answer: "unknown" };
  }
}

/** The payer, or the device whose index stands in the nonce, as it was bound when the payment settled. */
async function signerOf(
  rpc: RpcCall,
  { ledger }: RecordContracts,
  { payer, token, nonce, funding }: SignedPayment,
  { block, logIndex, fromBlock }: UsedAt,
): Promise<string | undefined> {
  const { index } = splitNonce(nonce);
  if (index === OWNER || funding !== "account") return payer;
  const topics = [
    ["DeviceBound", "DeviceRevoked"].map((name) => LEDGER.getEvent(name)?.topicHash ?? ""),
    ...[payer, token, `0x${index.toString(16)}`].map(topicOf),
  ];
  const isBefore = (log: ChainLog): boolean => log.blockNumber < block.number || log.logIndex < logIndex;
  const logs = (await readLogs(rpc, { address: [ledger], topics }, fromBlock, block)).filter(isBefore);
  const last = logs.at(-1);
  const bound = last === undefined ? null : LEDGER.parseLog(last);
  return bound?.name === "DeviceBound" ? String(bound.args.key) : undefined;
}

export function topicOf(value: string): string {
  return `0x${value.slice(2).toLowerCase().padStart(64, "0")}`;
}

/**
 * What the signature is over: the id, or of a pulled payment the token's or Permit2's authorization. `undefined` if the token does not
 * tell its domain, or a contract that it needs is not there. @throws RpcError
 */
export async function digestOf(
  rpc: RpcCall,
  contracts: RecordContracts,
  id: string,
  payment: SignedPayment,
  block: Pick<BlockHeader, "number">,
): Promise<string | undefined> {
  const { chainId, gateway, permit2, ledger } = contracts;
  const { signed, funding, ...fields } = payment;
  if (funding === "account") return id;
  if (gateway === null) return undefined;
  const where = { chainId, gateway };
  if (funding === "permit2") {
    if (permit2 === null) return undefined;
    if (signed.kind === "plain") return hashOf(permit2Payment(where, permit2, { ...fields, memo: signed.memo }));
    if (signed.kind === "held") return hashOf(permit2Hold(where, permit2, { ...fields, terms: signed.terms }));
    return undefined;
  }
  // The token tells its domain by its hash, so its name does not matter here.
  const token = { name: "", version: "", chainId, address: ZeroAddress };
  const data =
    signed.kind === "plain"
      ? erc3009Payment(where, token, { ...fields, memo: signed.memo })
      : signed.kind === "held"
        ? erc3009Hold(where, { chainId, ledger }, token, { ...fields, terms: signed.terms })
        : undefined;
  const separator = await readSeparator(rpc, payment.token, block);
  if (data === undefined || separator === undefined) return undefined;
  const structHash = TypedDataEncoder.hashStruct(data.primaryType, data.types, data.message);
  return keccak256(concat(["0x1901", separator, structHash]));
}

async function readSeparator(
  rpc: RpcCall,
  token: string,
  { number }: Pick<BlockHeader, "number">,
): Promise<string | undefined> {
  const data = DOMAIN_SEPARATOR.encodeFunctionData("DOMAIN_SEPARATOR");
  for (const block of [number, "latest"] as const) {
    try {
      const tag = typeof block === "number" ? `0x${block.toString(16)}` : block;
      const answer = await rpc("eth_call", [{ to: token, data }, tag]);
      if (isHexString(answer, 32)) return answer;
    } catch (error) {
      // It does not change with time, so the present one will do where old state is gone.
      if (!(error instanceof RpcError) || error.failure === "unreachable") throw error;
    }
  }
  return undefined;
}

function hashOf({ domain, types, message }: TypedData): string {
  return TypedDataEncoder.hash(domain, types, message);
}
