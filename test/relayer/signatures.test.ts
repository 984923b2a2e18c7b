import { expect } from "chai";
import { getAddress, hexlify } from "ethers";
import fc from "fast-check";

import { checkSignature } from "../../native/check-signature.ts";
import { fastPaymentId } from "../../native/payment-id.ts";
import { MAX_AMOUNT, MAX_DEADLINE, MAX_NONCE, paymentId } from "../../sdk/typed-data.ts";
import { verifySignature } from "../../sdk/verify-signature.ts";
import { mutatedVectors } from "../vectors/mutated-vectors.ts";
import { readSignatureVectors } from "../vectors/signature-vectors.ts";
import { signedAnswers } from "../vectors/signed-answers.ts";

const hex = (length: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => hexlify(bytes));

describe("who may sign, by the relayer", () => {
  for (const { name, signer, digest, signature, valid } of readSignatureVectors()) {
    it(`${valid ? "takes" : "does not take"} ${name}`, () => {
      const answer = checkSignature(signer, digest, signature);
      expect(answer === "valid").to.equal(valid);
      expect(answer).to.equal(verifySignature(signer, digest, signature));
    });
  }

  it("answers as the SDK does, whatever was changed", () => {
    fc.assert(
      fc.property(fc.oneof(mutatedVectors, signedAnswers), ({ signer, digest, signature }) => {
        expect(checkSignature(signer, digest, signature)).to.equal(verifySignature(signer, digest, signature));
      }),
      { numRuns: 500 },
    );
  });

  it("gives random payments the id that the SDK gives them", () => {
    const address = hex(20).map(getAddress);
    const domains = fc.record({ chainId: fc.bigInt(1n, 2n ** 64n), ledger: address });
    const payments = fc.record({
      payer: address,
      payee: address,
      token: address,
      amount: fc.bigInt(0n, MAX_AMOUNT),
      nonce: fc.bigInt(0n, MAX_NONCE),
      deadline: fc.bigInt(0n, MAX_DEADLINE),
      memo: hex(32),
    });
    fc.assert(
      fc.property(domains, payments, payments, (domain, first, second) => {
        for (const payment of [first, second]) {
          expect(fastPaymentId(domain, payment)).to.equal(paymentId(domain, payment));
        }
      }),
    );
  });
});
