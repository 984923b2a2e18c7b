import { TypedDataEncoder } from "ethers";

import { OWNER, splitNonce } from "../../device-nonce.ts";
import { permit2Hold, permit2Payment } from "../../gateway-typed-data.ts";
import { toCompactSignature } from "../../signature.ts";
import { verifySignature } from "../../verify-signature.ts";
import type { RecordContracts } from "../contracts.ts";
import { idOf } from "../signed-ids.ts";
import type { SignedPayment } from "../signed-row.ts";
import { decodeSignedRows } from "../signed-rows.ts";
import { failed, ok, type ReceiptFinding, unknown } from "./receipt-findings.ts";
import type { ProvenCall } from "./transaction-envelope.ts";

/**
 * Whether the payer signed, as far as it can be said without a node. By mathematics where her own key signed the id; else by the
 * transaction: the contracts took this very signature, and the payment settled. @param call Proven; null if there is none.
 */
export function checkSignatureOffline(
  contracts: RecordContracts,
  id: string,
  payment: SignedPayment,
  signature: string,
  call: ProvenCall | null,
): ReceiptFinding {
  const digest = digestOf(contracts, id, payment);
  const isOwn = payment.funding !== "account" || splitNonce(payment.nonce).index === OWNER;
  const byMath = digest !== undefined && isOwn ? verifySignature(payment.payer, digest, signature) : "ask_contract";
  if (byMath === "valid") return ok("signature");
  if (byMath === "invalid") return failed("signature", "the payer did not sign this");
  if (call === null) return unknown("signature", "only the transaction could tell, and it is not in the receipt");
  const used = signaturesOf(contracts, id, call);
  if (used === undefined) {
    return unknown("signature", "the transaction hands the payment on in a form that is not known");
  }
  if (!used.includes(plainForm(signature))) return failed("signature", "the transaction carries another signature");
  if (used.length === 1) return ok("signature");
  return unknown("signature", "the transaction carries several signatures for the payment");
}

/** All that came for the payment; `undefined` if the calldata cannot be read. */
function signaturesOf(contracts: RecordContracts, id: string, call: ProvenCall): readonly string[] | undefined {
  const decoded = decodeSignedRows(contracts, call.to, call.input);
  if (decoded.kind !== "rows") return undefined;
  const rows = decoded.rows.filter(({ payment }) => idOf(contracts, payment) === id);
  const noted = decoded.noted.filter(({ digest }) => digest === id).map(({ signature }) => signature);
  const used = rows.flatMap(({ signature }) => (signature === null ? noted : [signature]));
  return rows.length === 0 ? undefined : [...new Set(used.map(plainForm))];
}

/** An ECDSA signature has two forms, of which the calldata has the shorter. */
function plainForm(signature: string): string {
  const compact = toCompactSignature(signature);
  return compact === undefined ? signature.toLowerCase() : `${compact.r}${compact.vs.slice(2)}`;
}

/** What the payer's signature is over. Of an ERC-3009 authorization only the token knows. */
function digestOf(contracts: RecordContracts, id: string, payment: SignedPayment): string | undefined {
  const { signed, funding, ...fields } = payment;
  if (funding === "account") return id;
  const { chainId, gateway, permit2 } = contracts;
  if (funding !== "permit2" || gateway === null || permit2 === null) return undefined;
  const at = { chainId, gateway };
  switch (signed.kind) {
    case "plain": {
      const { domain, types, message } = permit2Payment(at, permit2, { ...fields, memo: signed.memo });
      return TypedDataEncoder.hash(domain, types, message);
    }
    case "held": {
      const { domain, types, message } = permit2Hold(at, permit2, { ...fields, terms: signed.terms });
      return TypedDataEncoder.hash(domain, types, message);
    }
    case "exchanged":
    case "exchanged_held":
      return undefined;
  }
}
