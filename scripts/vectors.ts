/**
 * Writes test/vectors/signatures.json, the signatures that contract, SDK and relayer must agree on. Run by hand, when the
 * order or the layout changes: the tests read what is committed. The browser is that of the tests.
 * Passkeys and WebCrypto keys are new in each run, so each run writes other bytes.
 */
import { writeFileSync } from "node:fs";

import { verifySignature } from "../sdk/verify-signature.ts";
import { SIGNATURES_FILE } from "../test/vectors/signature-vectors.ts";
import { openPasskeyBrowser } from "./vectors/chromium.ts";
import { forgedVectors } from "./vectors/forged-vectors.ts";
import { ecdsaVectors, noiseVectors, p256Vectors } from "./vectors/key-vectors.ts";
import { passkeyVectors } from "./vectors/passkey-vectors.ts";

const browser = await openPasskeyBrowser();
try {
  const vectors = [
    ...ecdsaVectors(),
    ...(await p256Vectors(browser)),
    ...(await passkeyVectors(browser)),
    ...forgedVectors(),
    ...noiseVectors(),
  ];
  writeFileSync(SIGNATURES_FILE, `${JSON.stringify(vectors, null, 2)}\n`);
  const valid = vectors.filter((vector) => vector.valid).length;
  process.stdout.write(`${vectors.length} signatures, ${valid} of them valid\n`);
  // What is expected comes from the specification above; a difference is a defect of one of the two.
  for (const { name, signer, digest, signature, valid: expected } of vectors) {
    const answer = verifySignature(signer, digest, signature);
    if ((answer === "valid") !== expected) {
      process.stdout.write(`${name}: expected ${expected ? "valid" : "not valid"}, the SDK says ${answer}\n`);
      process.exitCode = 1;
    }
  }
} finally {
  await browser.close();
}
