import { expect } from "chai";
import { dataSlice, getAddress, hexlify, keccak256, randomBytes, Wallet, ZeroAddress, ZeroHash } from "ethers";
import { network } from "hardhat";

import { type PayableRow, SETTLEMENT_GAS, signedRowGas } from "../../relayer/batching/batches.ts";
import { signatureGas } from "../../relayer/batching/signature-gas.ts";
import { hasP256Precompile } from "../../relayer/chain/p256-precompile.ts";
import { createSignatureQuestion } from "../../relayer/chain/signature-question.ts";
import { inTime } from "../../relayer/chain/timeout.ts";
import type { DeviceAtBlock } from "../../relayer/device-state.ts";
import { parseAuthorization } from "../../relayer/intake/authorization.ts";
import type { Draft } from "../../relayer/intake/check.ts";
import { checkDevice, leftToday } from "../../relayer/intake/check-device.ts";
import { refusePulled } from "../../relayer/intake/proof.ts";
import { readSignature } from "../../relayer/intake/signature-checks.ts";
import { pullingCall } from "../../relayer/lanes/pulling.ts";
import { settlementCall } from "../../relayer/lanes/settlement.ts";
import { deviceNonce } from "../../sdk/device-nonce.ts";
import { ROW_CODES } from "../../sdk/row-codes.ts";
import { MAX_NONCE, MAX_UINT64 } from "../../sdk/typed-data.ts";
import { IGateway__factory } from "../../typechain-types/factories/contracts/interfaces/IGateway__factory.ts";
import { Ledger__factory } from "../../typechain-types/factories/contracts/Ledger__factory.ts";

const wallet = new Wallet(hexlify(randomBytes(32)));
const DIGEST = hexlify(randomBytes(32));

function row(id: number, signature: string | null, signer: string | null = null): PayableRow {
  return {
    ...{ id: hexlify(Uint8Array.from({ length: 32 }, () => id)), payer: wallet.address, payee: wallet.address },
    ...{ token: wallet.address, amount: 1n, nonce: BigInt(id), deadline: 1n, memo: ZeroHash },
    ...{ r: signature === null ? DIGEST : ZeroHash, vs: signature === null ? DIGEST : ZeroHash, signature, signer },
  };
}

describe("signatures of every kind", () => {
  const ecdsa = wallet.signingKey.sign(DIGEST).serialized;
  const never = () => Promise.reject(new Error("the contract was asked"));
  const checks = (answer: "valid" | "invalid" | "ask_contract", contract: () => Promise<boolean> = never) => ({
    checkSignature: () => answer,
    askContract: contract,
    hasCode: () => Promise.resolve(false),
  });

  it("are sent compact if they are ECDSA of the signer's own, else in full", async () => {
    const own = await readSignature(checks("valid"), wallet.address, DIGEST, ecdsa);
    expect(own).to.include({ r: ecdsa.slice(0, 66), signature: null });
    const inFull = { r: ZeroHash, vs: ZeroHash };
    expect(await readSignature(checks("valid"), wallet.address, DIGEST, "0x1234")).to.deep.equal({
      ...inFull,
      signature: "0x1234",
    });
    const asked = checks("ask_contract", () => Promise.resolve(true));
    expect(await readSignature(asked, wallet.address, DIGEST, ecdsa)).to.deep.equal({ ...inFull, signature: ecdsa });
  });

  it("are refused without a question if no contract could take them, and by the contract's no", async () => {
    expect(await readSignature(checks("invalid"), wallet.address, DIGEST, ecdsa)).to.equal(undefined);
    const refused = checks("ask_contract", () => Promise.resolve(false));
    expect(await readSignature(refused, wallet.address, DIGEST, ecdsa)).to.equal(undefined);
  });

  it("are not said to be bad when the node does not answer", async () => {
    const call = () => Promise.reject(new Error("connection refused"));
    const ask = createSignatureQuestion({ call }, wallet.address);
    const error: unknown = await ask(wallet.address, DIGEST, "0x1234").catch((reason: unknown) => reason);
    expect(error).to.include({ code: "chain_unavailable", retriable: true });
    const slow: unknown = await inTime(new Promise(() => undefined), 5).catch((reason: unknown) => reason);
    expect(slow).to.include({ code: "chain_slow", retriable: true });
  });

  it("have a length", () => {
    const parse = (signature: string) => {
      const parsed = parseAuthorization({
        payment: { ...PAYMENT, memo: ZeroHash },
        signature,
      });
      return parsed.ok ? "ok" : `${parsed.problem.code} ${parsed.problem.field}`;
    };
    expect(parse("0x01")).to.equal("ok");
    expect(parse(`0x${"ab".repeat(4_096)}`)).to.equal("ok");
    for (const bad of ["0x", "01", "0x0", "0x0g", `0x${"ab".repeat(4_097)}`]) {
      expect(parse(bad)).to.equal("invalid_field signature");
    }
  });

  it("cost gas by their kind", () => {
    const key = hexlify(randomBytes(64));
    const signer = getAddress(dataSlice(keccak256(key), 12));
    const raw = `${key}${"11".repeat(64)}`;
    const passkey = `${raw}${"22".repeat(200)}`;
    expect(signatureGas({ signer, signature: null }, true)).to.equal(0);
    const costs = [raw, passkey].map((signature) => [
      signatureGas({ signer, signature }, true),
      signatureGas({ signer, signature }, false),
    ]);
    expect(costs).to.deep.equal([
      [20_000 + 128 * 50, 420_000 + 128 * 50],
      [60_000 + 328 * 50, 460_000 + 328 * 50],
    ]);
    // The same bytes by another signer are a wallet's, as are short ones.
    expect(signatureGas({ signer: ZeroAddress, signature: raw }, true)).to.equal(260_000 + 128 * 50);
    expect(signatureGas({ signer, signature: ecdsa }, true)).to.equal(260_000 + 65 * 50);
  });

  it("travel beside the rows that carry none, in the name of the device that signed", () => {
    const call = settlementCall<PayableRow>(wallet.address, 15_000_000, true);
    const plain = call.encode([row(1, null)]);
    const abi = Ledger__factory.createInterface();
    expect(abi.parseTransaction({ data: plain.data })?.name).to.equal("settle");
    const device = new Wallet(hexlify(randomBytes(32))).address;
    const mixed = call.encode([row(1, null), row(2, "0x1234"), row(3, "0x5678", device)]);
    const parsed = abi.parseTransaction({ data: mixed.data });
    expect(parsed?.name).to.equal("callWithSignatures");
    expect((parsed?.args[0] as string[][]).map((signed) => [...signed])).to.deep.equal([
      [wallet.address, row(2, null).id, "0x1234"],
      [device, row(3, null).id, "0x5678"],
    ]);
    expect(abi.parseTransaction({ data: String(parsed?.args[1]) })?.name).to.equal("settle");
    const rowGas = signedRowGas(SETTLEMENT_GAS, true);
    expect(mixed.gasLimit - plain.gasLimit).to.equal(rowGas(row(2, "0x1234")) + rowGas(row(3, "0x5678")));
    // A device's own state is written beside.
    const byDevice = { ...row(1, null), nonce: deviceNonce(1, 1n) };
    expect(rowGas(byDevice) - rowGas(row(1, null))).to.equal(40_000);
    // What the call answered comes wrapped.
    const answer = abi.encodeFunctionResult("settle", [[[1n, 10n, 1n]]]);
    const wrapped = abi.encodeFunctionResult("callWithSignatures", [answer]);
    expect(call.decode(wrapped, mixed.rows)).to.deep.equal([1n, 10n, 1n]);
    expect(call.decode(answer, plain.rows)).to.deep.equal([1n, 10n, 1n]);
  });

  it("of pulled rows stand at their index, and each row may burn what the Gateway lets it", () => {
    const call = pullingCall<PayableRow>(wallet.address, "permit2", 15_000_000);
    const { data, rows, gasLimit } = call.encode([row(1, null), row(2, "0x1234"), row(3, "0x5678")]);
    const [kind, batches, signatures] = IGateway__factory.createInterface().decodeFunctionData(
      "pay",
      data,
    ) as unknown as [bigint, { rows: { r: string; vs: string }[] }[], string[]];
    expect(kind).to.equal(1n);
    expect([...signatures]).to.deep.equal(["0x1234", "0x5678"]);
    expect(rows.map(({ id }) => id)).to.deep.equal([1, 2, 3].map((id) => row(id, null).id));
    expect(batches[0]?.rows.map(({ r, vs }) => [r, vs])).to.deep.equal([
      [DIGEST, DIGEST],
      [ZeroHash, ZeroHash],
      [ZeroHash, `0x${"1".padStart(64, "0")}`],
    ]);
    expect(gasLimit)
      .to.be.greaterThan(4 * 560_000)
      .and.lessThan(15_000_000);
  });

  it("are checked by the chain itself where it knows P-256", async () => {
    const { ethers } = await network.create();
    expect(await hasP256Precompile(ethers.provider)).to.equal(true);
    expect(await hasP256Precompile({ call: () => Promise.resolve("0x") })).to.equal(false);
  });
});

const PAYMENT = {
  ...{ payer: wallet.address, payee: wallet.address, token: wallet.address },
  ...{ amount: "1", nonce: "0", deadline: "1" },
};

describe("a payment's nonce", () => {
  const parse = (nonce: bigint, funding?: string) => {
    const body = { payment: { ...PAYMENT, nonce: String(nonce), memo: ZeroHash }, signature: "0x01" };
    const parsed = parseAuthorization(funding === undefined ? body : { ...body, funding });
    return parsed.ok ? parsed.authorization.funding : `${parsed.problem.code} ${parsed.problem.field}`;
  };

  it("has any 64 bits if it is pulled, and a sequence number that an account can use if not", () => {
    expect(parse(MAX_NONCE)).to.equal("account");
    expect(parse(MAX_NONCE + 1n)).to.equal("invalid_field payment.nonce");
    expect(parse(MAX_NONCE + 2n)).to.equal("account");
    expect(parse(MAX_UINT64)).to.equal("invalid_field payment.nonce");
    expect(parse(MAX_UINT64 + 1n)).to.equal("invalid_field payment.nonce");
    expect(parse(MAX_UINT64, "erc3009")).to.equal("erc3009");
    expect(parse(MAX_UINT64, "permit2")).to.equal("permit2");
    expect(parse(0n, "erc2612")).to.equal("invalid_field funding");
  });
});

describe("the relayer's mirror of a device", () => {
  const NOW = 20_000n * 86_400n + 5n;
  const device: DeviceAtBlock = {
    ...{ key: wallet.address, expiry: NOW, perPayment: 10n, perDay: 25n, spentToday: 15n },
    ...{ window: 1n, nextNonce: 1n, mayPay: true },
  };
  const draft = (amount: bigint, sequence = 5n): Draft => ({
    ...{
      id: DIGEST,
      funding: "account",
      payer: ZeroAddress,
      payee: ZeroAddress,
      token: ZeroAddress,
      merchant: ZeroAddress,
    },
    ...{ amount, nonce: deviceNonce(2, sequence), deadline: NOW, memo: ZeroHash },
    ...{ terms: null, holdId: null, fx: null, requestId: null },
  });
  const code = (changes: Partial<DeviceAtBlock>, amount = 10n, sequence = 5n, now = NOW) => {
    const changed = { ...device, ...changes };
    return checkDevice(draft(amount, sequence), changed, leftToday(changed, now, now), now)?.code;
  };

  it("lets it pay up to its limits and its last second", () => {
    expect(code({})).to.equal(undefined);
    expect(code({}, 10n, 5n, NOW + 1n)).to.equal("device_inactive");
    expect(code({ key: ZeroAddress })).to.equal("device_inactive");
    expect(code({}, 11n)).to.equal("over_device_limit");
    expect(code({ spentToday: 16n })).to.equal("over_device_limit");
    expect(code({ mayPay: false })).to.equal("payee_not_allowed");
    expect(code({}, 10n, 0n)).to.equal("nonce_used");
    expect(code({ nextNonce: 100n }, 10n, 5n)).to.equal("nonce_stale");
  });

  it("begins each day (UTC) anew", () => {
    expect(leftToday(device, NOW, NOW)).to.equal(10n);
    expect(leftToday(device, NOW - 6n, NOW)).to.equal(25n);
    expect(leftToday({ ...device, perDay: 3n }, NOW, NOW)).to.equal(0n);
  });

  it("has a refusal for every code of the Gateway", () => {
    const codes = ROW_CODES.filter((name) => name !== "settled").map((name) => refusePulled(draft(1n), name).code);
    expect(new Set(codes)).to.deep.equal(
      new Set([
        ...["transfer_failed", "invalid_payee", "expired", "invalid_terms", "amount_too_high", "nonce_used"],
        "authorization_used",
      ]),
    );
  });
});
