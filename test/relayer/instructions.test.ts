import { expect } from "chai";
import { Interface, toBeHex, Wallet, ZeroAddress, ZeroHash } from "ethers";

import { decodeDeposits, encodeDeposits } from "../../relayer/chain/deposits.ts";
import type { ChainLog } from "../../relayer/chain/chain-log.ts";
import { readInstructionLogs } from "../../relayer/chain/instruction-logs.ts";
import type { DepositContent, InstructionContent, WithdrawalContent } from "../../relayer/instruction-content.ts";
import { idOf } from "../../relayer/instruction-content.ts";
import {
  checkInstruction,
  checkInstructionAccount,
  checkNonceHolders,
  depositRefusal,
} from "../../relayer/intake/check-instruction.ts";
import { parseInstruction } from "../../relayer/intake/instruction-request.ts";
import { depositGasLimit } from "../../relayer/lanes/deposit-calls.ts";
import { fitting } from "../../relayer/lanes/instruction-work.ts";
import { codeOfRevert, ledgerGas } from "../../relayer/lanes/ledger-calls.ts";
import type { InstructionRecord } from "../../relayer/store/instructions.ts";
import { instructionId, type InstructionKind, signInstruction } from "../../sdk/instructions.ts";
import { ROW_CODES } from "../../sdk/row-codes.ts";
import { IGateway__factory } from "../../typechain-types/factories/contracts/interfaces/IGateway__factory.ts";
import { Ledger__factory } from "../../typechain-types/factories/contracts/Ledger__factory.ts";

const LEDGER = "0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512";
const GATEWAY = "0x9fE46736679d2D9a65F0992F2272dE9f3c7fa6e0";
const TOKEN = "0x5FC8d32690cc91D4c39d9d3abcBD16989F875707";
const OWNER = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
const OTHER = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC";
const SIGNATURE = `0x${"11".repeat(65)}`;

const WITHDRAWAL: WithdrawalContent = {
  kind: "withdrawal",
  owner: OWNER,
  token: TOKEN,
  to: OTHER,
  amount: "100",
  maxFee: "5",
  fee: "0",
  nonce: "0",
  deadline: "10",
};
const CANCELLATION: InstructionContent = {
  kind: "cancellation",
  owner: OWNER,
  token: TOKEN,
  nonce: "0",
  deadline: "10",
};
const DEPOSIT: DepositContent = {
  kind: "deposit",
  authorization: "erc3009",
  from: OWNER,
  owner: OTHER,
  token: TOKEN,
  amount: "7",
  nonce: "1",
  deadline: "10",
  inFull: false,
};
const CONTEXT = { ledger: LEDGER, tokens: new Set([TOKEN]), withdrawalFees: new Map([[TOKEN, 3n]]), now: 10n };
const ACCOUNT = { owner: OWNER, token: TOKEN, balance: 100n, reserved: 0n, window: 0n, nextNonce: 0n, frozenUntil: 0n };

describe("an instruction's body", () => {
  const body = { owner: OWNER, token: TOKEN, nonce: "0", deadline: "10", signature: SIGNATURE };

  function problemOf(kind: InstructionKind, json: unknown): string {
    const parsed = parseInstruction(kind, json);
    return parsed.ok ? "ok" : `${parsed.problem.code} ${parsed.problem.field}`;
  }

  it("is read strictly, field by field", () => {
    expect(problemOf("cancellation", body)).to.equal("ok");
    expect(problemOf("cancellation", { ...body, memo: "" })).to.equal("invalid_field memo");
    expect(problemOf("cancellation", { ...body, owner: ZeroAddress })).to.equal("invalid_field owner");
    expect(problemOf("cancellation", { ...body, nonce: (2n ** 56n - 1n).toString() })).to.equal("invalid_field nonce");
    expect(problemOf("cancellation", { ...body, token: TOKEN.replace("FC8", "fC8") })).to.equal("bad_checksum token");
    for (const json of [undefined, null, [], "x", 1]) expect(problemOf("withdrawal", json)).to.contain("invalid_field");
  });

  it("takes signatures of any kind, of 1 to 4096 bytes", () => {
    for (const bytes of [1, 64, 65, 128, 4_096]) {
      expect(problemOf("cancellation", { ...body, signature: `0x${"ab".repeat(bytes)}` })).to.equal("ok");
    }
    for (const signature of ["0x", "0xabc", `0x${"ab".repeat(4_097)}`, "ab", 1]) {
      expect(problemOf("cancellation", { ...body, signature })).to.equal("invalid_field signature");
    }
  });

  it("bounds a device's index, limits and payees", () => {
    const binding = { ...body, index: 1, key: OTHER, expiry: "9", perPayment: "1", perDay: "1", payees: [] };
    expect(problemOf("device-binding", binding)).to.equal("ok");
    for (const index of [0, 256, 1.5, "1"]) {
      expect(problemOf("device-binding", { ...binding, index })).to.equal("invalid_field index");
    }
    const tooMuch = (2n ** 112n).toString();
    expect(problemOf("device-binding", { ...binding, perDay: tooMuch })).to.equal("amount_out_of_range perDay");
    expect(problemOf("device-binding", { ...binding, payees: Array(64).fill(OTHER) })).to.equal("ok");
    expect(problemOf("device-binding", { ...binding, payees: Array(65).fill(OTHER) })).to.equal("invalid_field payees");
  });

  it("keeps what was signed, so that the id is the digest", () => {
    const { owner: payee, ...rest } = body;
    const parsed = parseInstruction("agreement", { ...rest, payee, operator: OTHER, feeBps: 30, flatFee: "4" });
    if (!parsed.ok) throw new Error(parsed.problem.expected);
    const domain = { chainId: 1n, ledger: LEDGER, gateway: undefined };
    const message = { payee, token: TOKEN, operator: OTHER, feeBps: 30, flatFee: 4n, nonce: 0n, deadline: 10n };
    expect(idOf(domain, parsed.request.content)).to.equal(instructionId(domain, "agreement", message));
    expect(() => idOf(domain, DEPOSIT)).to.throw("not served");
  });
});

describe("the check of an instruction", () => {
  const code = (content: InstructionContent): string | undefined => checkInstruction(content, CONTEXT)?.code;

  it("knows the fee's ceiling, below, at and above", () => {
    expect(code({ ...WITHDRAWAL, maxFee: "2" })).to.equal("fee_too_low");
    expect(code({ ...WITHDRAWAL, maxFee: "3" })).to.equal(undefined);
    expect(code({ ...WITHDRAWAL, amount: "3" })).to.equal("amount_out_of_range");
    expect(code({ ...WITHDRAWAL, amount: "4" })).to.equal(undefined);
    expect(checkInstruction({ ...WITHDRAWAL, maxFee: "0" }, { ...CONTEXT, withdrawalFees: new Map() })).to.equal(
      undefined,
    );
  });

  it("takes the deadline inclusively", () => {
    expect(code({ ...CANCELLATION, deadline: "9" })).to.equal("expired");
    expect(code({ ...CANCELLATION, deadline: "10" })).to.equal(undefined);
  });

  it("credits by a permit its signer only", () => {
    expect(code(DEPOSIT)).to.equal(undefined);
    expect(code({ ...DEPOSIT, authorization: "erc2612" })).to.equal("invalid_payee");
    expect(code({ ...DEPOSIT, authorization: "erc2612", owner: OWNER })).to.equal(undefined);
    expect(code({ ...DEPOSIT, owner: LEDGER })).to.equal("invalid_payee");
  });

  it("asks an account for money and thaw of withdrawals only", () => {
    const frozen = { ...ACCOUNT, frozenUntil: 11n, balance: 0n };
    expect(checkInstructionAccount(WITHDRAWAL, frozen, 10n)?.code).to.equal("account_frozen");
    expect(checkInstructionAccount(WITHDRAWAL, frozen, 11n)?.code).to.equal("insufficient_balance");
    expect(checkInstructionAccount(WITHDRAWAL, { ...ACCOUNT, reserved: 1n }, 10n)?.code).to.equal(
      "insufficient_balance",
    );
    expect(checkInstructionAccount(WITHDRAWAL, ACCOUNT, 10n)).to.equal(undefined);
    expect(checkInstructionAccount(CANCELLATION, frozen, 10n)).to.equal(undefined);
    const used = { ...ACCOUNT, nextNonce: 1n, window: 1n };
    expect(checkInstructionAccount(CANCELLATION, used, 10n)).to.include({ code: "nonce_used", field: "nonce" });
    expect(checkInstructionAccount(CANCELLATION, { ...used, nextNonce: 65n }, 10n)?.code).to.equal("nonce_stale");
  });

  it("lets a cancellation have a nonce that something holds, and nothing else", () => {
    const held = { paymentId: "p", instructionId: undefined };
    expect(checkNonceHolders(CANCELLATION, held)).to.equal(undefined);
    expect(checkNonceHolders(WITHDRAWAL, held)).to.include({ code: "nonce_conflict", paymentId: "p" });
    const free = { paymentId: undefined, instructionId: undefined };
    expect(checkNonceHolders(WITHDRAWAL, free)).to.equal(undefined);
  });

  it("refuses a deposit for each code but one", () => {
    for (const row of [...ROW_CODES, "simulation_reverted"] as const) {
      expect(depositRefusal(DEPOSIT, row) === undefined, row).to.equal(row === "settled");
    }
  });
});

describe("what carries instructions", () => {
  const record = (content: InstructionContent, signature = SIGNATURE): InstructionRecord => ({
    ...{ id: ZeroHash, content, signature, state: "assigned", code: null, transactionHash: null, blockNumber: null },
    acceptedAt: new Date(0),
  });

  it("takes the oldest that fit, and the first in any case", () => {
    const gas = (row: number): number => row;
    expect(fitting([30_000, 30_000, 10_000], 120_000, gas)).to.deep.equal([30_000, 30_000]);
    expect(fitting([90_000, 1], 120_000, gas)).to.deep.equal([90_000]);
  });

  it("counts more gas for a signature that the chain has to ask a wallet about", async () => {
    const signer = Wallet.createRandom();
    const domain = { chainId: 1n, ledger: LEDGER };
    const message = { owner: signer.address, token: TOKEN, nonce: 0n, deadline: 10n };
    const id = instructionId(domain, "cancellation", message);
    const content = { ...CANCELLATION, owner: signer.address };
    const plain = await signInstruction(signer, domain, "cancellation", message);
    const cheap = ledgerGas({ ...record(content, plain), id }, true);
    expect(ledgerGas({ ...record(content), id }, true)).to.be.greaterThan(cheap + 250_000);
  });

  it("puts a compact signature into the row, any other one beside the rows", () => {
    const r = `0x${"01".repeat(32)}`;
    const compact = `${r}${"02".repeat(32)}`;
    const long = `0x${"03".repeat(200)}`;
    const other = { ...DEPOSIT, token: OTHER };
    const { rows, batches, data } = encodeDeposits("permit2", [
      { content: DEPOSIT, signature: compact },
      { content: other, signature: long },
      { content: { ...DEPOSIT, inFull: true }, signature: compact },
    ]);
    expect(batches).to.equal(2);
    expect(rows.map(({ content }) => content.token)).to.deep.equal([TOKEN, TOKEN, OTHER]);
    const abi = new Interface(IGateway__factory.abi);
    const [kind, sent, signatures] = abi.decodeFunctionData("deposit", data) as unknown as [
      bigint,
      { rows: { r: string; vs: string }[] }[],
      string[],
    ];
    expect(kind).to.equal(1n);
    expect(sent[0]?.rows.map((row) => row.r)).to.deep.equal([r, ZeroHash]);
    expect([sent[0]?.rows[1]?.vs, sent[1]?.rows[0]?.vs]).to.deep.equal([toBeHex(0, 32), toBeHex(1, 32)]);
    expect([...signatures]).to.deep.equal([compact, long]);
    expect(decodeDeposits(abi.encodeFunctionResult("deposit", [[[1n, 21n], [10n]]]))).to.deep.equal([1n, 21n, 10n]);
  });

  it("leaves each deposit what the Gateway may use, as far as the limit goes", () => {
    const deposits = Array(10).fill({ content: DEPOSIT, signature: SIGNATURE });
    expect(depositGasLimit(deposits, 15_000_000)).to.be.greaterThan(10 * 700_000);
    expect(depositGasLimit(deposits, 3_000_000)).to.equal(3_000_000);
    expect(depositGasLimit(deposits, 200_000)).to.be.greaterThan(10 * 180_000);
  });

  it("gives each revert of the Ledger its code", () => {
    const abi = new Interface(Ledger__factory.abi);
    const revert = (name: string, args: unknown[]): string => codeOfRevert(abi.encodeErrorResult(name, args));
    expect(revert("LedgerNonceUnusable", [OWNER, TOKEN, 1, 5])).to.equal("nonce_used");
    expect(revert("LedgerNonceUnusable", [OWNER, TOKEN, 1, 6])).to.equal("nonce_stale");
    expect(revert("LedgerSignatureExpired", [2, 1])).to.equal("expired");
    expect(revert("LedgerBadSignature", [OWNER, ZeroHash])).to.equal("bad_signature");
    expect(revert("LedgerFeeTooHigh", [10_001, 10_000])).to.equal("fee_too_high");
    expect(revert("LedgerInvalidDevice", [0, OWNER])).to.equal("invalid_device");
    expect([codeOfRevert(null), codeOfRevert("0x")]).to.deep.equal(["simulation_reverted", "simulation_reverted"]);
  });
});

describe("the logs about instructions", () => {
  const [ledger, gateway] = [new Interface(Ledger__factory.abi), new Interface(IGateway__factory.abi)];
  const id = `0x${"ab".repeat(32)}`;

  function log(abi: Interface, address: string, name: string, values: unknown[]): ChainLog {
    const { topics, data } = abi.encodeEventLog(name, values);
    const place = { transactionHash: ZeroHash, blockNumber: 5, blockHash: ZeroHash, logIndex: 0 };
    return { address, topics, data, ...place };
  }

  it("tell used nonces, withdrawals and the Gateway's deposits, and not the Ledger's", () => {
    const read = readInstructionLogs(
      [
        log(ledger, LEDGER, "NonceUsed", [OWNER, TOKEN, 7, id]),
        log(ledger, LEDGER, "Withdrawn", [id, OWNER, TOKEN, OTHER, 5, 1]),
        log(ledger, LEDGER, "Deposited", [OWNER, TOKEN, OTHER, 5]),
        log(gateway, GATEWAY, "Deposited", [id, OWNER, OTHER, TOKEN, 5]),
        log(gateway, GATEWAY, "Rejected", [id, OWNER, 4]),
      ],
      GATEWAY,
    );
    const place = { transactionHash: ZeroHash, blockNumber: 5n };
    expect(read.nonces).to.deep.equal([{ id, owner: OWNER, token: TOKEN, nonce: 7n, ...place }]);
    expect(read.effects).to.deep.equal([
      { id, ...place },
      { id, ...place },
    ]);
  });
});
