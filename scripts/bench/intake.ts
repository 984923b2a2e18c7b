import { hexlify, randomBytes, Wallet } from "ethers";

import { parseAuthorization } from "../../relayer/intake/authorization.ts";
import { checkSignature } from "../../native/check-signature.ts";
import { fastPaymentId } from "../../native/payment-id.ts";
import type { Payment } from "../../sdk/payment.ts";
import { type LedgerDomain, paymentId } from "../../sdk/typed-data.ts";

/** A request's body as it comes in, and the payment that stands in it. */
export interface SignedPayment {
  readonly payment: Payment;
  readonly signature: string;
  readonly body: string;
}

/** A payer, whatever kind of key she has. */
export interface Signer {
  readonly address: string;
  readonly sign: (digest: string) => string;
}

export const DOMAIN: LedgerDomain = { chainId: 31_337n, ledger: new Wallet(hexlify(randomBytes(32))).address };

const PAYEE = new Wallet(hexlify(randomBytes(32))).address;
const TOKEN = new Wallet(hexlify(randomBytes(32))).address;

/** As many distinct payments, the signers in turn. */
export function signPayments(signers: readonly Signer[], count: number): SignedPayment[] {
  return Array.from({ length: Math.ceil(count / signers.length) }, (_, round) =>
    signers.map((signer, place) => {
      const payment: Payment = {
        payer: signer.address,
        payee: PAYEE,
        token: TOKEN,
        amount: BigInt(1_000_000 + round * signers.length + place),
        nonce: BigInt(round),
        deadline: 4_102_444_800n,
        memo: hexlify(randomBytes(32)),
      };
      const signature = signer.sign(paymentId(DOMAIN, payment));
      const text = (_key: string, value: unknown): unknown => (typeof value === "bigint" ? value.toString() : value);
      return { payment, signature, body: JSON.stringify({ payment, signature }, text) };
    }),
  )
    .flat()
    .slice(0, count);
}

/** The relayer's way from a body to the answer who signed it. @throws Error if it does not take the payment. */
export function take(body: string): void {
  const parsed = parseAuthorization(JSON.parse(body));
  if (!parsed.ok) throw new Error(`${parsed.problem.field}: expected ${parsed.problem.expected}`);
  const { payment, signature } = parsed.authorization;
  if (payment.memo === undefined) throw new Error("a payment without a memo");
  const id = fastPaymentId(DOMAIN, { ...payment, memo: payment.memo });
  if (checkSignature(payment.payer, id, signature) !== "valid") throw new Error(`${id}: not the payer's signature`);
}

const PASSES = 3;

/**
 * How many of them `work` gets through in a second of processor time, which other programs on the machine do not take
 * away: the middle one of three passes, after a warm-up.
 */
export function measure(signed: readonly SignedPayment[], work: (signed: SignedPayment) => void): number {
  for (const item of signed.slice(0, Math.ceil(signed.length / 10))) work(item);
  const speeds = Array.from({ length: PASSES }, () => {
    const start = process.cpuUsage();
    for (const item of signed) work(item);
    const { user, system } = process.cpuUsage(start);
    return Math.round((signed.length * 1_000_000) / (user + system));
  });
  return speeds.sort((a, b) => a - b)[Math.floor(PASSES / 2)] ?? 0;
}
