import { expect } from "chai";
import fc from "fast-check";
import { network } from "hardhat";

import { verifySignature } from "../../sdk/verify-signature.ts";
import { SignatureVerifier__factory } from "../../typechain-types/factories/contracts/SignatureVerifier__factory.ts";
import { mutatedVectors } from "../vectors/mutated-vectors.ts";
import { readSignatureVectors } from "../vectors/signature-vectors.ts";
import { signedAnswers } from "../vectors/signed-answers.ts";

/** No signer of the table has code, so what only a contract account could accept is not valid. */
describe("signatures before the contract", () => {
  async function deployVerifier() {
    const { ethers } = await network.create();
    const [deployer] = await ethers.getSigners();
    if (deployer === undefined) throw new Error("no account");
    const deployed = await ethers.deployContract("SignatureVerifier");
    return SignatureVerifier__factory.connect(await deployed.getAddress(), deployer);
  }

  it("takes those of the table that are valid, and no other", async () => {
    const verifier = await deployVerifier();
    for (const { name, signer, digest, signature, valid } of readSignatureVectors()) {
      expect(await verifier.isValid(signer, digest, signature), name).to.equal(valid);
    }
  });

  it("takes of what a passkey signed what the SDK takes, whatever it was asked", async () => {
    const verifier = await deployVerifier();
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(signedAnswers, async ({ name, signer, digest, signature }) => {
        const isValid = verifySignature(signer, digest, signature) === "valid";
        expect(await verifier.isValid(signer, digest, signature), name).to.equal(isValid);
        if (isValid) taken += 1;
      }),
      { numRuns: 200 },
    );
    expect(taken).to.be.greaterThan(0);
  });

  it("takes of changed ones those that the SDK takes", async () => {
    const verifier = await deployVerifier();
    await fc.assert(
      fc.asyncProperty(mutatedVectors, async ({ signer, digest, signature }) => {
        const answer = verifySignature(signer, digest, signature);
        expect(await verifier.isValid(signer, digest, signature)).to.equal(answer === "valid");
      }),
      { numRuns: 200 },
    );
  });
});
