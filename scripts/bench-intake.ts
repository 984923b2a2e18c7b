import { hexlify, randomBytes, SigningKey, verifyTypedData, Wallet } from "ethers";
import { parseArgs } from "node:util";

import { p256Address } from "../sdk/p256.ts";
import { p256PublicKey, signDigestWithP256 } from "../sdk/p256-signer.ts";
import { PAYMENT_TYPES, paymentId, typedDataDomain } from "../sdk/typed-data.ts";
import { verifySignature } from "../sdk/verify-signature.ts";
import { DOMAIN, measure, type Signer, signPayments, take } from "./bench/intake.ts";
import { assertionOf, signInSoftware } from "./vectors/software-passkey.ts";

/** ECDSA authorizations a second on one core, from body to answer. */
const BAR = 2_000;
const GOAL = 5_000;
const WALLETS = 64;

const KINDS: Readonly<Record<"ecdsa" | "p256" | "passkey", (privateKey: string) => Signer>> = {
  ecdsa: (privateKey) => {
    const key = new SigningKey(privateKey);
    return { address: new Wallet(key).address, sign: (digest) => key.sign(digest).serialized };
  },
  p256: (privateKey) => ({
    address: p256Address(p256PublicKey(privateKey)),
    sign: (digest) => signDigestWithP256(privateKey, digest),
  }),
  passkey: (privateKey) => ({
    address: p256Address(p256PublicKey(privateKey)),
    sign: (digest) => signInSoftware(privateKey, assertionOf(digest)),
  }),
};

const { values } = parseArgs({
  options: { json: { type: "boolean", default: false }, count: { type: "string", default: "4000" } },
});
const count = Number(values.count);
if (!Number.isSafeInteger(count) || count < 1) throw new Error("--count: expected a whole number from 1");

const results: { readonly path: string; readonly perSecond: number; readonly comparedWith: string; ratio: number }[] =
  [];

function add(path: string, perSecond: number, comparedWith: string, compared: number): void {
  results.push({ path, perSecond, comparedWith, ratio: perSecond / compared });
}

const keys = Array.from({ length: WALLETS }, () => hexlify(randomBytes(32)));
for (const [kind, signerOf] of Object.entries(KINDS)) {
  const signed = signPayments(keys.map(signerOf), count);
  // JavaScript's mathematics take milliseconds each: a tenth of the payments says enough.
  const some = signed.slice(0, Math.ceil(count / 10));
  const ours = measure(signed, ({ body }) => {
    take(body);
  });
  if (kind === "ecdsa") {
    const domain = typedDataDomain(DOMAIN);
    const theirs = measure(some, ({ payment, signature }) => {
      if (verifyTypedData(domain, PAYMENT_TYPES, payment, signature) !== payment.payer)
        throw new Error("not the payer");
    });
    add(kind, ours, "ethers verifyTypedData", theirs);
  } else {
    const theirs = measure(some, ({ payment, signature }) => {
      if (verifySignature(payment.payer, paymentId(DOMAIN, payment), signature) !== "valid")
        throw new Error("not the payer");
    });
    add(kind, ours, "SDK verifySignature", theirs);
  }
}

process.stdout.write("signed with   authorizations a second   compared with            times as fast\n");
for (const { path, perSecond, comparedWith, ratio } of results) {
  const columns = [
    path.padEnd(11),
    String(perSecond).padStart(25),
    comparedWith.padEnd(22),
    ratio.toFixed(1).padStart(15),
  ];
  process.stdout.write(`${columns.join("   ")}\n`);
}
const measured = results.find(({ path }) => path === "ecdsa")?.perSecond ?? 0;
const missed = measured < BAR;
process.stdout.write(
  `bar: at least ${BAR} ECDSA a second (goal ${GOAL}); measured ${measured}${missed ? ": missed" : ""}\n`,
);
if (values.json) process.stdout.write(`${JSON.stringify({ count, results })}\n`);
process.exit(missed ? 1 : 0);
