import type { X402Terms } from "../x402-payment.ts";
import { readPayload, type SignedX402 } from "./payload.ts";
import { type Failure, reasonOf, type X402Refusal } from "./reasons.ts";
import type { X402Request } from "./request.ts";

/** What this facilitator serves. */
export interface X402Service {
  readonly network: string;
  readonly tokens: ReadonlySet<string>;
  /** Whom Permit2 payers must have signed for. */
  readonly proxy: string;
}

/** A payment is refused if less than this is left of it: a transaction takes its time. As x402's own facilitator has it. */
export const EXPIRY_MARGIN_S = 6n;

/** A payment whose payload is what its requirements ask for. */
export interface MatchedX402 extends SignedX402 {
  /** The token's EIP-712 name and version; empty where none is signed. */
  readonly domain: { readonly name: string; readonly version: string };
}

export function refusal(terms: X402Terms, failure: Failure, message: string): X402Refusal {
  return { reason: reasonOf(terms.kind, failure), message, payer: terms.payer };
}

/** Pure: what must hold whatever became of the payment, and in whichever state the chain is. */
export function matchX402(request: X402Request, service: X402Service): MatchedX402 | X402Refusal {
  const { requirements, accepted, payload } = request;
  for (const scheme of [requirements.scheme, accepted.scheme]) {
    if (scheme !== "exact") return { reason: "unsupported_scheme", message: `exact is served here, not ${scheme}` };
  }
  for (const network of [requirements.network, accepted.network]) {
    if (network !== service.network) {
      return { reason: "invalid_network", message: `${service.network} is served here, not ${network}` };
    }
  }
  if (!service.tokens.has(requirements.asset)) {
    const message = `asset: expected one of ${[...service.tokens].join(", ")}`;
    return { reason: "invalid_payment_requirements", message };
  }
  const read = readPayload(payload, requirements.asset);
  if (!read.ok) {
    const { field, expected } = read.problem;
    return { reason: "invalid_payload", message: `payload.${field}: expected ${expected}` };
  }
  const { terms, spender } = read.signed;
  const { assetTransferMethod: method, name, version } = requirements.extra ?? {};
  if (method !== undefined && method !== (terms.kind === "erc3009" ? "eip3009" : "permit2")) {
    const message = `The payload is not one of ${JSON.stringify(method)}`;
    return { reason: "unsupported_payload_type", message, payer: terms.payer };
  }
  if (terms.kind === "erc3009" && (!isText(name) || !isText(version))) {
    const message = "extra.name, extra.version: expected the token's EIP-712 domain";
    return { reason: "invalid_exact_evm_missing_eip712_domain", message, payer: terms.payer };
  }
  if (spender !== undefined && spender !== service.proxy) {
    return refusal(terms, "spender", `spender: expected ${service.proxy}`);
  }
  if (terms.token !== requirements.asset) return refusal(terms, "token", `token: expected ${requirements.asset}`);
  if (terms.amount !== requirements.amount) return refusal(terms, "amount", `amount: expected ${requirements.amount}`);
  if (terms.payee !== requirements.payTo) return refusal(terms, "payee", `payee: expected ${requirements.payTo}`);
  const domain = { name: isText(name) ? name : "", version: isText(version) ? version : "" };
  return { ...read.signed, domain };
}

/** Half of a surrogate pair is no text, and cannot be hashed. */
function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "" && !/\p{Surrogate}/u.test(value);
}

/** Pure: whether it can settle by its times. @param now Unix seconds. */
export function checkTimes(terms: X402Terms, now: bigint): X402Refusal | undefined {
  const { kind, validAfter, validBefore } = terms;
  if (kind === "erc3009" ? now <= validAfter : now < validAfter) {
    return refusal(terms, "too_early", `validAfter: expected a time before ${now}`);
  }
  if (validBefore < now + EXPIRY_MARGIN_S) {
    return refusal(terms, "expired", `expected to be valid until ${now + EXPIRY_MARGIN_S} at least`);
  }
  return undefined;
}
