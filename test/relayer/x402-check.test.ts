import { expect } from "chai";
import { getAddress, hexlify, randomBytes } from "ethers";

import { settleAnswer } from "../../relayer/x402/answers.ts";
import { checkTimes, EXPIRY_MARGIN_S, type MatchedX402, matchX402 } from "../../relayer/x402/check.ts";
import { readX402Request, type X402Request } from "../../relayer/x402/request.ts";
import type { X402Record, X402State } from "../../relayer/store/x402.ts";
import type { X402Terms } from "../../relayer/x402-payment.ts";

const NOW = 1_800_000_000n;
const [TOKEN, PAYER, PAYEE, PROXY, OTHER] = Array.from({ length: 5 }, () => getAddress(hexlify(randomBytes(20)))) as [
  string,
  string,
  string,
  string,
  string,
];
const SERVICE = { network: "eip155:31337", tokens: new Set([TOKEN]), proxy: PROXY };
const NONCE = hexlify(randomBytes(32));
const SIGNATURE = hexlify(randomBytes(65));

const requirements = {
  ...{ scheme: "exact", network: "eip155:31337", asset: TOKEN, amount: "100", payTo: PAYEE, maxTimeoutSeconds: 60 },
  extra: { name: "Test Dollar", version: "1" } as Record<string, unknown>,
};
const authorization = {
  from: PAYER,
  to: PAYEE,
  value: "100",
  validAfter: "0",
  validBefore: "1800000060",
  nonce: NONCE,
};
const permit2Authorization = {
  ...{ from: PAYER, permitted: { token: TOKEN, amount: "100" }, spender: PROXY, nonce: "7", deadline: "1800000060" },
  witness: { to: PAYEE, validAfter: "0" },
};
const byToken = { signature: SIGNATURE, authorization };
const byPermit2 = { signature: SIGNATURE, permit2Authorization };

function body(payload: object, changes: object = {}, extensions?: object) {
  const paymentPayload = { x402Version: 2, accepted: requirements, payload, extensions };
  return { x402Version: 2, paymentPayload, paymentRequirements: { ...requirements, ...changes } };
}

function read(payload: object, changes: object = {}): X402Request {
  const result = readX402Request(body(payload, changes));
  if (result.kind !== "request") throw new Error(JSON.stringify(result));
  return result.request;
}

function match(payload: object, changes: object = {}): MatchedX402 | string {
  const matched = matchX402(read(payload, changes), SERVICE);
  return "reason" in matched ? matched.reason : matched;
}

describe("x402 payments against their requirements", () => {
  it("reads both methods, whether the requirements name one or not", () => {
    const terms = {
      token: TOKEN,
      payer: PAYER,
      payee: PAYEE,
      amount: 100n,
      validAfter: 0n,
      validBefore: 1_800_000_060n,
    };
    for (const extra of [requirements.extra, { ...requirements.extra, assetTransferMethod: "eip3009" }]) {
      expect(match(byToken, { extra })).to.deep.include({ terms: { ...terms, kind: "erc3009", nonce: NONCE } });
    }
    const nonce = `0x${"0".repeat(63)}7`;
    for (const extra of [undefined, {}, { assetTransferMethod: "permit2" }]) {
      expect(match(byPermit2, { extra })).to.deep.include({ terms: { ...terms, kind: "permit2", nonce } });
    }
  });

  const cases: [string, object, object, string][] = [
    ["another scheme", byToken, { scheme: "upto" }, "unsupported_scheme"],
    ["another chain", byToken, { network: "eip155:1" }, "invalid_network"],
    ["a token that is not served", byToken, { asset: OTHER }, "invalid_payment_requirements"],
    ["no payload", {}, {}, "invalid_payload"],
    ["a payload of another method", byToken, { extra: { assetTransferMethod: "permit2" } }, "unsupported_payload_type"],
    ["an unknown method", byToken, { extra: { assetTransferMethod: "erc7710" } }, "unsupported_payload_type"],
    ["no domain of the token", byToken, { extra: {} }, "invalid_exact_evm_missing_eip712_domain"],
    ["less", byToken, { amount: "101" }, "invalid_exact_evm_payload_authorization_value_mismatch"],
    ["more", byToken, { amount: "99" }, "invalid_exact_evm_payload_authorization_value_mismatch"],
    ["another payee", byToken, { payTo: OTHER }, "invalid_exact_evm_recipient_mismatch"],
    ["less by Permit2", byPermit2, { amount: "101" }, "permit2_amount_mismatch"],
    ["another payee by Permit2", byPermit2, { payTo: OTHER }, "invalid_permit2_recipient_mismatch"],
    [
      "another spender",
      { signature: SIGNATURE, permit2Authorization: { ...permit2Authorization, spender: OTHER } },
      {},
      "invalid_permit2_spender",
    ],
    [
      "another token by Permit2",
      {
        signature: SIGNATURE,
        permit2Authorization: { ...permit2Authorization, permitted: { token: OTHER, amount: "100" } },
      },
      {},
      "permit2_token_mismatch",
    ],
    [
      "a short nonce",
      { signature: SIGNATURE, authorization: { ...authorization, nonce: "0x12" } },
      {},
      "invalid_payload",
    ],
    ["a number", { signature: SIGNATURE, authorization: { ...authorization, value: 100 } }, {}, "invalid_payload"],
    [
      "2^256",
      { signature: SIGNATURE, authorization: { ...authorization, validBefore: (2n ** 256n).toString() } },
      {},
      "invalid_payload",
    ],
    ["no signature", { authorization }, {}, "invalid_payload"],
    ["a long signature", { authorization, signature: `0x${"00".repeat(4_097)}` }, {}, "invalid_payload"],
  ];
  for (const [what, payload, changes, reason] of cases) {
    it(`refuses ${what}`, () => {
      expect(match(payload, changes)).to.equal(reason);
    });
  }

  it("counts times as each method does, with a margin at the end", () => {
    const at = (kind: X402Terms["kind"], validAfter: bigint, validBefore: bigint): string | undefined =>
      checkTimes(
        { kind, token: TOKEN, payer: PAYER, payee: PAYEE, amount: 1n, nonce: NONCE, validAfter, validBefore },
        NOW,
      )?.reason;
    const end = NOW + EXPIRY_MARGIN_S;
    expect(at("erc3009", NOW - 1n, end)).to.equal(undefined);
    expect(at("erc3009", NOW, end)).to.equal("invalid_exact_evm_payload_authorization_valid_after");
    expect(at("erc3009", NOW + 1n, end)).to.equal("invalid_exact_evm_payload_authorization_valid_after");
    expect(at("erc3009", 0n, end - 1n)).to.equal("invalid_exact_evm_payload_authorization_valid_before");
    expect(at("permit2", NOW, end + 1n)).to.equal(undefined);
    expect(at("permit2", NOW + 1n, end)).to.equal("permit2_not_yet_valid");
    expect(at("permit2", 0n, end - 1n)).to.equal("permit2_deadline_expired");
  });

  it("takes a payload for the same in whichever order its members stand, and for another one with any other member", () => {
    const identified = (payload: object, id = "pay_0123456789abcdef") => {
      const result = readX402Request(body(payload, {}, { "payment-identifier": { info: { required: true, id } } }));
      return result.kind === "request" ? result.request.identifier : undefined;
    };
    const turned = { authorization: Object.fromEntries(Object.entries(authorization).reverse()), signature: SIGNATURE };
    expect(identified(byToken)).to.deep.equal(identified(turned));
    expect(identified(byToken)?.identifier).to.equal("pay_0123456789abcdef");
    const other = { ...byToken, authorization: { ...authorization, nonce: hexlify(randomBytes(32)) } };
    expect(identified(byToken)?.fingerprint).not.to.equal(identified(other)?.fingerprint);
    expect(identified(byToken, "x".repeat(15))).to.equal(undefined);
    expect(identified(byToken, "x".repeat(129))).to.equal(undefined);
    expect(identified(byToken, "x".repeat(128))?.identifier).to.have.length(128);
  });

  it("says of each state what its payer may rely on", () => {
    const record = (state: X402State, code: string | null = null): X402Record => ({
      ...{ id: NONCE, kind: "erc3009", token: TOKEN, payer: PAYER, payee: PAYEE, amount: 100n, nonce: NONCE },
      ...{ validAfter: 0n, validBefore: NOW, r: NONCE, vs: NONCE, signature: null, givenSignature: SIGNATURE },
      ...{ state, code, attempts: 1, transactionHash: "0xabc", unusedBlock: 1n, usedBlock: null },
    });
    const answer = (state: X402State, code?: string) => {
      const { success, errorReason, transaction, amount } = settleAnswer(record(state, code), "eip155:31337");
      return [success, errorReason, transaction, amount];
    };
    for (const state of ["settled", "final"] as const) {
      expect(answer(state)).to.deep.equal([true, undefined, "0xabc", "100"]);
    }
    for (const state of ["accepted", "assigned", "submitted", "used", "verified"] as const) {
      expect(answer(state, "authorization_used")).to.deep.equal([false, "settlement_pending", "0xabc", undefined]);
    }
    for (const [state, code, reason] of [
      ["rejected", "authorization_used", "invalid_exact_evm_nonce_already_used"],
      ["rejected", "insufficient_balance", "invalid_exact_evm_insufficient_balance"],
      ["rejected", "transaction_failed", "invalid_exact_evm_transaction_failed"],
      ["rejected", "simulation_reverted", "invalid_exact_evm_transaction_simulation_failed"],
      ["expired", "expired", "invalid_exact_evm_payload_authorization_valid_before"],
    ] as const) {
      expect(answer(state, code)).to.deep.equal([false, reason, "", undefined]);
    }
  });
});
