import { readFile } from "node:fs/promises";

import { expect } from "chai";
import { TypedDataEncoder, Wallet } from "ethers";

import { LEDGER_MESSAGE_TYPES, instructionId, INSTRUCTION_KINDS, signInstruction } from "../../sdk/instructions.ts";
import { DEPOSIT_TYPES } from "../../sdk/gateway-typed-data.ts";
import { PERMIT_TYPES } from "../../sdk/token-permit.ts";
import { recoverSigner, toCompactSignature } from "../../sdk/signature.ts";

const DOMAIN = { chainId: 31_337n, ledger: "0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512" };
const TOKEN = "0x5FC8d32690cc91D4c39d9d3abcBD16989F875707";

describe("instructions in the SDK", () => {
  it("sign the very types that the contracts hash", async () => {
    const ledger = await readFile("contracts/libraries/LedgerHashes.sol", "utf8");
    const gateway = await readFile("contracts/libraries/GatewayHashes.sol", "utf8");
    for (const types of Object.values(LEDGER_MESSAGE_TYPES)) {
      const encoder = TypedDataEncoder.from(types);
      expect(ledger).to.contain(`"${encoder.encodeType(encoder.primaryType)}"`);
    }
    for (const types of [DEPOSIT_TYPES, PERMIT_TYPES]) {
      const encoder = TypedDataEncoder.from(types);
      expect(gateway).to.contain(`"${encoder.encodeType(encoder.primaryType)}"`);
    }
    expect(Object.keys(LEDGER_MESSAGE_TYPES).sort()).to.deep.equal(
      INSTRUCTION_KINDS.filter((kind) => kind !== "deposit").sort(),
    );
  });

  it("have the digest that is signed as their id", async () => {
    const signer = Wallet.createRandom();
    const common = { owner: signer.address, token: TOKEN, nonce: 3n, deadline: 9n };
    const message = { ...common, index: 7, key: TOKEN, expiry: 8n, perPayment: 1n, perDay: 2n, payees: [TOKEN] };
    const id = instructionId(DOMAIN, "device-binding", message);
    const compact = toCompactSignature(await signInstruction(signer, DOMAIN, "device-binding", message));
    if (compact === undefined) throw new Error("no signature");
    expect(recoverSigner(id, compact)).to.equal(signer.address);
    expect(instructionId(DOMAIN, "device-revocation", { ...common, index: 7 })).not.to.equal(id);
    expect(instructionId({ ...DOMAIN, chainId: 1n }, "device-binding", message)).not.to.equal(id);
  });
});
