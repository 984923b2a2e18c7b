import { expect } from "chai";
import { concat, hexlify, Interface, randomBytes, Wallet, ZeroHash } from "ethers";

import { parseReceipt } from "../../sdk/record/parse-receipt.ts";
import { ReceiptError } from "../../sdk/record/receipt-fields.ts";
import { checkSignature } from "../../sdk/record/payment-signature.ts";
import type { RecordContracts } from "../../sdk/record/contracts.ts";
import { type RpcCall, RpcError } from "../../sdk/record/rpc.ts";
import { idOf } from "../../sdk/record/signed-ids.ts";
import type { SignedPayment } from "../../sdk/record/signed-row.ts";
import { decodeSignedRows } from "../../sdk/record/signed-rows.ts";
import { toCompactSignature } from "../../sdk/signature.ts";
import { paymentId, signPayment } from "../../sdk/typed-data.ts";
import { ICalls__factory } from "../../typechain-types/factories/contracts/interfaces/ICalls__factory.ts";
import { ILedger__factory } from "../../typechain-types/factories/contracts/interfaces/ILedger__factory.ts";

const LEDGER = new Interface(ILedger__factory.abi);
const CALLS = new Interface(ICalls__factory.abi);
const address = (): string => new Wallet(hexlify(randomBytes(32))).address;

const contracts: RecordContracts = {
  chainId: 31_337n,
  ...{ ledger: address(), escrow: address(), gateway: address(), exchange: address(), permit2: address() },
  ...{ signatureVerifier: address(), x402: null },
};
const payer = new Wallet(hexlify(randomBytes(32)));
const terms = {
  ...{ payer: payer.address, payee: address(), token: address(), amount: 5n, nonce: 0n, deadline: 9n },
  memo: hexlify(randomBytes(32)),
};
const { memo, ...fields } = terms;
const signed: SignedPayment = { ...fields, signed: { kind: "plain", memo }, funding: "account" };
const domain = { chainId: contracts.chainId, ledger: contracts.ledger };
const id = paymentId(domain, terms);
const block = { number: 7, hash: ZeroHash, timestamp: 1 };
const at = { block, logIndex: 3, fromBlock: 0 };

async function settleCall(r?: string, vs?: string): Promise<string> {
  const compact = toCompactSignature(await signPayment(payer, domain, terms));
  const row = { ...terms, r: r ?? compact?.r, vs: vs ?? compact?.vs };
  return LEDGER.encodeFunctionData("settle", [[{ payee: terms.payee, token: terms.token, rows: [row] }]]);
}

describe("payments in calldata", () => {
  it("are found in a plain call, and within wrappers within wrappers", async () => {
    let data = await settleCall();
    const compact = toCompactSignature(await signPayment(payer, domain, terms));
    for (let depth = 0; depth < 6; depth += 1) {
      const decoded = decodeSignedRows(contracts, contracts.ledger, data);
      if (depth > 4) {
        expect(decoded).to.deep.equal({ kind: "unknown_call" });
      } else {
        if (decoded.kind !== "rows") throw new Error(decoded.kind);
        expect(decoded.rows).to.deep.equal([
          { payment: signed, signature: concat([compact?.r ?? "", compact?.vs ?? ""]) },
        ]);
        expect(idOf(contracts, signed)).to.equal(id);
      }
      const other = CALLS.encodeFunctionData("tryEach", [[]]);
      data = CALLS.encodeFunctionData("tryEach", [[other, data, "0x12345678"]]);
    }
  });

  it("come with the signatures that were checked before the call", async () => {
    const call = await settleCall(ZeroHash, ZeroHash);
    const noted = { signer: payer.address, digest: id, signature: "0x1234" };
    const data = CALLS.encodeFunctionData("callWithSignatures", [[noted], call]);
    const decoded = decodeSignedRows(contracts, contracts.ledger.toLowerCase(), data);
    expect(decoded).to.deep.include({ kind: "rows", noted: [noted] });
    if (decoded.kind === "rows") expect(decoded.rows[0]?.signature).to.equal(null);
  });

  it("are not guessed where a stranger's contract or another call carried them", async () => {
    const data = await settleCall();
    expect(decodeSignedRows(contracts, address(), data)).to.deep.equal({ kind: "unknown_contract" });
    expect(decodeSignedRows(contracts, null, data)).to.deep.equal({ kind: "unknown_contract" });
    expect(decodeSignedRows(contracts, contracts.escrow, data)).to.deep.equal({ kind: "unknown_call" });
    for (const nonsense of [
      "0x",
      "0x12",
      data.slice(0, 10),
      data.slice(0, -64),
      `${data.slice(0, 10)}${"ff".repeat(99)}`,
    ]) {
      expect(decodeSignedRows(contracts, contracts.ledger, nonsense)).to.deep.equal({ kind: "unknown_call" });
    }
  });
});

describe("the signature of a payment", () => {
  const node =
    (code: string, answer: string | RpcError): RpcCall =>
    (method) =>
      method === "eth_getCode" || typeof answer === "string"
        ? Promise.resolve(method === "eth_getCode" ? code : answer)
        : Promise.reject(answer);
  const YES = `0x${"1".padStart(64, "0")}`;
  const never: RpcCall = (method) => Promise.reject(new Error(`${method} is not needed`));

  it("needs no chain where a key signed", async () => {
    const signature = await signPayment(payer, domain, terms);
    expect(await checkSignature(never, contracts, id, signed, signature, at)).to.include({ status: "valid" });
    const another = hexlify(randomBytes(32));
    expect(await checkSignature(never, contracts, another, signed, signature, at)).to.include({ reason: "another_id" });
  });

  it("is what a contract says of it where the payer is one, and unknown where it cannot be asked", async () => {
    const signature = await signPayment(new Wallet(hexlify(randomBytes(32))), domain, terms);
    const ask = (rpc: RpcCall, by = contracts): Promise<object> => checkSignature(rpc, by, id, signed, signature, at);
    expect(await ask(node("0x60", YES))).to.include({ status: "asks_contract", answer: "valid" });
    expect(await ask(node("0x60", ZeroHash))).to.include({ status: "asks_contract", answer: "invalid" });
    expect(await ask(node("0x", YES))).to.deep.equal({ status: "invalid", reason: "bad_signature" });
    const pruned = new RpcError("refused", "missing trie node", -32_000);
    expect(await ask(node("0x60", pruned))).to.include({ status: "asks_contract", answer: "unknown" });
    expect(await ask(node("0x60", YES), { ...contracts, signatureVerifier: null })).to.include({ answer: "unknown" });
  });
});

describe("a receipt of a stranger's", () => {
  const receipt = {
    ...{ format: "corridor-receipt", version: 1, chainId: "31337", id, funding: "account", signature: "0x12" },
    contracts: { ...contracts, chainId: undefined, x402: undefined },
    payment: { ...terms, amount: "5", nonce: "0", deadline: "9" },
    ...{ transactionHash: ZeroHash, blockNumber: "7", blockHash: ZeroHash, settledAt: "1", exchange: null },
  };
  const fieldOf = (value: unknown): string => {
    try {
      parseReceipt(typeof value === "string" ? value : JSON.stringify(value));
      return "none";
    } catch (error) {
      return error instanceof ReceiptError ? error.field : String(error);
    }
  };

  it("is read as what was signed", () => {
    expect(parseReceipt(JSON.stringify(receipt)).payment).to.deep.equal(signed);
  });

  it("is refused where it is none, and says where", () => {
    for (const text of ["", "{", "5", "null", "[]", `"${"x".repeat(9_000_000)}"`])
      expect(fieldOf(text), text.slice(0, 9)).to.equal("");
    expect(fieldOf("{}")).to.equal("format");
    expect(fieldOf({ ...receipt, version: 3 })).to.equal("version");
    expect(fieldOf({ ...receipt, version: 2 })).to.equal("statement");
    expect(fieldOf({ ...receipt, version: 2, statement: null })).to.equal("proof");
    expect(fieldOf({ ...receipt, funding: "constructor" })).to.equal("funding");
    expect(fieldOf({ ...receipt, payment: [] })).to.equal("payment");
    expect(fieldOf({ ...receipt, signature: `0x${"11".repeat(17_000)}` })).to.equal("signature");
    for (const amount of ["-1", "1.5", "1e9", "0x5", " 5", "05", "", 5, null, {}, "9".repeat(78)]) {
      expect(fieldOf({ ...receipt, payment: { ...receipt.payment, amount } })).to.equal("payment.amount");
    }
    for (const payee of ["0x12", "", null, 5, terms.payee.slice(2), `${terms.payee}00`]) {
      expect(fieldOf({ ...receipt, payment: { ...receipt.payment, payee } })).to.equal("payment.payee");
    }
    // Members of every object's prototype are none of its own.
    const inherited = JSON.stringify(receipt).replace('"memo"', '"__proto__"');
    expect(fieldOf(inherited)).to.equal("payment.terms");
    const held = { ...receipt.payment, memo: undefined, terms: { payee: terms.payee, splits: Array(9).fill({}) } };
    expect(fieldOf({ ...receipt, payment: held })).to.equal("payment.terms.splits");
  });
});
