import { randomBytes } from "node:crypto";

import { expect } from "chai";
import { concat, hexlify, Wallet, ZeroHash } from "ethers";
import fc from "fast-check";

import { deadlineIn, LOCAL_CHAIN_ID } from "../../scripts/local/market.ts";
import { runVerification } from "../../scripts/receipts/verification.ts";
import type { LocalStack } from "../../scripts/local/stack.ts";
import { type NetworkView, type PaymentView, ProblemError } from "../../sdk/client.ts";
import { DEPLOYMENT_FORMAT } from "../../sdk/deployment.ts";
import { deviceNonce } from "../../sdk/device-nonce.ts";
import { erc3009Hold, erc3009Payment, signTypedData } from "../../sdk/gateway-typed-data.ts";
import type { Funding, Payment } from "../../sdk/payment.ts";
import { auditAccounts } from "../../sdk/record/accounts.ts";
import { checkReceipt, isGood } from "../../sdk/record/check-receipt.ts";
import { type RecordContracts, recordContracts } from "../../sdk/record/contracts.ts";
import { merchantOf, type PaymentRecord, readPaymentRecord } from "../../sdk/record/payment-record.ts";
import { makeReceipt, type Receipt, type ReceiptPayment } from "../../sdk/record/receipt.ts";
import { receiptFromChain } from "../../sdk/record/receipt-from-chain.ts";
import { RecordError } from "../../sdk/record/record-error.ts";
import { type BlockProof, readBlockProof } from "../../sdk/record/proof/block-proof.ts";
import { proveReceipt } from "../../sdk/record/proof/prove-receipt.ts";
import { receiptHolds } from "../../sdk/record/proof/receipt-findings.ts";
import { verifyReceipt } from "../../sdk/record/proof/verify-receipt.ts";
import { ReceiptError } from "../../sdk/record/receipt-fields.ts";
import { receiptDigest, receiptDocumentHash, type UnsignedReceipt } from "../../sdk/receipt-typed-data.ts";
import { changeLeaf, leavesOf } from "../sdk/changed-leaves.ts";
import { reservesHistory } from "../../sdk/record/reserves-history.ts";
import { httpRpc, type RpcCall, RpcError } from "../../sdk/record/rpc.ts";
import { readBlock } from "../../sdk/record/rpc-answers.ts";
import { search } from "../../sdk/record/search.ts";
import { toCompactSignature } from "../../sdk/signature.ts";
import { paymentId, signPayment } from "../../sdk/typed-data.ts";
import { Ledger__factory } from "../../typechain-types/factories/contracts/Ledger__factory.ts";
import { AccountOwner } from "./account-owner.ts";
import { FxCustomer } from "./fx-customer.ts";
import { startTestStack } from "./local-stack.ts";
import { P256Key } from "./p256-key.ts";
import { Shop } from "./shop.ts";
import { fund, TestMaker } from "./test-maker.ts";

const FUNDS = 100_000_000n;

/** A payment that was made, with what an honest party keeps of it. */
interface Made {
  readonly payment: ReceiptPayment;
  readonly signature: string;
  readonly view: PaymentView;
}

describe("the record of payments, read from the chain alone", () => {
  let stack: LocalStack;
  let stop: () => Promise<void> = () => Promise.resolve();
  let maker: TestMaker;
  let owner: AccountOwner;
  let rpc: RpcCall;
  let contracts: RecordContracts;
  let network: NetworkView;
  const merchant = new Wallet(hexlify(randomBytes(32))).address;
  const made = new Map<string, Made>();

  before(async () => {
    maker = await TestMaker.listen();
    ({ stack, stop } = await startTestStack({ CORRIDOR_MAKERS: maker.url, CORRIDOR_BATCH_AGE_MS: "300" }));
    await maker.open(stack, 10n ** 15n);
    maker.setRate(stack.deployment.dollar, stack.deployment.euro, 108_300n, 100_000n);
    maker.ttlSeconds = 60n;
    rpc = httpRpc(stack.chain.url);
    owner = await AccountOwner.open(stack, FUNDS);
    network = await owner.client.network();
    contracts = recordContracts(network, stack.deployment.x402);
    const passkey = new P256Key();
    await fund(stack, owner.token, passkey.address, FUNDS);
    const shop = await Shop.open(stack, FUNDS);
    const customer = await FxCustomer.open(stack, stack.deployment.dollar, FUNDS);
    const device = new Wallet(hexlify(randomBytes(32)));
    await owner.done(owner.submit("device-binding", await owner.binding({ index: 7, key: device.address })));
    await owner.mint(FUNDS);

    const plain = await compose();
    const [p256, byPasskey] = [passkey, passkey].map((key, nonce) => ({
      ...plain,
      payer: key.address,
      nonce: BigInt(nonce),
    }));
    if (p256 === undefined || byPasskey === undefined) throw new Error("no payments");
    const pulled = { ...plain, nonce: 99n };
    const byDevice = { ...plain, nonce: deviceNonce(7, 0n), amount: 300_000n };
    const held = await shop.compose(await shop.terms({ payee: shop.merchant.address }));
    const pulledHold = await shop.compose(await shop.terms(), { payer: owner.address, nonce: 98n });
    const holdAuthorization = erc3009Hold(owner.gateway, owner.domain, owner.tokenDomain, pulledHold);
    const { euro } = stack.deployment;
    const exchanged = await customer.compose(await customer.quote(euro, 5_000_000n), merchant, 1_000n);
    const intoHold = await customer.composeHold(
      await customer.quote(euro, 2_000_000n),
      merchant,
      "settlement_currency",
    );
    const authorization = erc3009Payment(owner.gateway, owner.tokenDomain, pulled);
    await Promise.all([
      make("plain", plain, await signPayment(owner.wallet, owner.domain, plain)),
      make("p256", p256, passkey.sign(paymentId(owner.domain, p256))),
      make("passkey", byPasskey, passkey.signAsPasskey(paymentId(owner.domain, byPasskey))),
      make("pulled", pulled, await signTypedData(owner.wallet, authorization), "erc3009"),
      make("pulled hold", pulledHold, await signTypedData(owner.wallet, holdAuthorization), "erc3009"),
      make("device", byDevice, await signPayment(device, owner.domain, byDevice)),
      make("held", held, await shop.sign(held)),
      make("exchanged", exchanged, await customer.sign(exchanged)),
      make("into hold", intoHold, await customer.sign(intoHold)),
    ]);
    const capture = await shop.capture(of("held").view.id, 400_000n);
    await shop.client.actDecided(capture.id);
  });

  after(async () => {
    await stop();
    await maker.stop();
  });

  async function compose(): Promise<Payment> {
    return {
      ...{ payer: owner.address, payee: merchant, token: owner.token, amount: 1_000_000n, nonce: owner.nextNonce() },
      ...{ deadline: await deadlineIn(stack, 600n), memo: hexlify(randomBytes(32)) },
    };
  }

  async function make(name: string, payment: ReceiptPayment, signature: string, funding?: Funding): Promise<void> {
    const { id } = await owner.client.submitPayment(payment, signature, undefined, funding);
    const view = await owner.client.decided(id);
    expect(view.state, `${name}: ${view.code}`).to.be.oneOf(["settled", "final"]);
    made.set(name, { payment, signature, view });
  }

  function of(name: string): Made {
    const one = made.get(name);
    if (one === undefined) throw new Error(`nothing is ${name}`);
    return one;
  }

  const read = (name: string, by = rpc): Promise<PaymentRecord> =>
    readPaymentRecord(by, contracts, of(name).view.id, { fromBlock: 0 });

  async function receiptOf(name: string): Promise<Receipt> {
    const { view, payment, signature } = of(name);
    const block = await readBlock(rpc, Number(view.blockNumber));
    const receipt = makeReceipt({ network, view, payment, signature, blockHash: block?.hash ?? "" });
    if (receipt === undefined) throw new Error(`${name} has no receipt`);
    return receipt;
  }

  it("makes the same receipts from the chain as whoever signed", async () => {
    for (const [name, { view }] of made) {
      // A receipt's signature is the one that was used: compact, where the payer's own was longer.
      const { signature: used, ...read } = (await receiptFromChain(rpc, network, view)) ?? { signature: "" };
      const { signature, ...own } = await receiptOf(name);
      expect(read, name).to.deep.equal(own);
      const compact = toCompactSignature(signature);
      expect(used, name).to.be.oneOf([signature, compact === undefined ? "" : concat([compact.r, compact.vs])]);
      expect(await failed({ ...read, signature: used }), name).to.deep.equal([]);
    }
  });

  const failed = async (receipt: unknown, by = rpc): Promise<string[]> => {
    const checks = await checkReceipt(by, JSON.stringify(receipt), { contracts, fromBlock: 0 });
    return checks.filter(({ ok }) => !ok).map(({ name }) => name);
  };

  async function provenOf(name: string): Promise<{ receipt: UnsignedReceipt; block: BlockProof }> {
    const receipt = await receiptFromChain(rpc, network, of(name).view);
    if (receipt === undefined) throw new Error(`${name} has no receipt`);
    const block = await readBlockProof(rpc, Number(receipt.blockNumber));
    return { block, receipt: await proveReceipt(block, receipt) };
  }

  const verify = (receipt: object, trustedBlockHash: string): Readonly<Record<string, string>> => {
    const findings = verifyReceipt(receipt, { trustedBlockHash, contracts });
    return Object.fromEntries(findings.map(({ name, status, reason }) => [name, reason ?? status]));
  };

  const holds = (receipt: object, trustedBlockHash: string): boolean => {
    try {
      return receiptHolds(verifyReceipt(receipt, { trustedBlockHash, contracts }));
    } catch (error) {
      if (error instanceof ReceiptError) return false;
      throw error;
    }
  };

  it("makes receipts of every kind of payment that hold without a node", async () => {
    const all = [
      "header",
      "block",
      "contracts",
      "id",
      "transaction",
      "inclusion",
      "event",
      "payment",
      "exchange",
      "signature",
    ];
    for (const name of made.keys()) {
      const { receipt, block } = await provenOf(name);
      const signed = { ...receipt, statement: null };
      expect(verify(signed, block.hash), name).to.deep.equal({
        ...Object.fromEntries(all.map((finding) => [finding, "ok"])),
        statement: "nobody signed for it",
      });
      expect(receiptHolds(verifyReceipt(JSON.stringify(signed), { trustedBlockHash: block.hash })), name).to.equal(
        true,
      );
      expect(await failed(signed), name).to.deep.equal([]);
    }
    expect((await provenOf("held")).receipt.proof.furtherLogs).to.have.length(1);
    expect((await provenOf("into hold")).receipt.proof.furtherLogs).to.have.length(2);
  });

  it("finds any byte that was changed in a receipt", async () => {
    const signer = Wallet.createRandom();
    for (const name of ["plain", "device", "pulled", "passkey", "into hold"]) {
      const { receipt, block } = await provenOf(name);
      const document = receiptDocumentHash(receipt);
      const said = { depth: "3", issuedAt: "1800000000" };
      const signature = signer.signingKey.sign(receiptDigest(receipt, said, document)).serialized;
      const whole = { ...receipt, statement: { signer: signer.address, ...said, signature } };
      const trust = { trustedBlockHash: block.hash, contracts, signer: signer.address };
      expect(
        verifyReceipt(whole, trust).every(({ status }) => status === "ok"),
        name,
      ).to.equal(true);
      const paths = leavesOf(receipt);
      fc.assert(
        fc.property(fc.nat(), fc.nat(), fc.integer({ min: 1, max: 255 }), (which, where, change) => {
          const path = paths[which % paths.length] ?? [];
          const changed = changeLeaf(receipt, path, where, change);
          // Without the statement, which covers every member: what the chain proves must do alone.
          expect(holds({ ...changed, statement: null }, block.hash), `${name}: ${path.join(".")}`).to.equal(false);
        }),
        { numRuns: 60 },
      );
      for (const other of [
        { ...whole, note: "paid twice" },
        { ...whole, statement: { ...whole.statement, depth: "99" } },
      ]) {
        expect(receiptHolds(verifyReceipt(other, trust))).to.equal(false);
      }
    }
  });

  it("is issued by the relayer, signed, with how many blocks stand on it", async () => {
    const { receiptSigner } = network;
    expect(receiptSigner).to.match(/^0x/);
    for (const [name, { view, payment }] of made) {
      const receipt = await owner.client.receipt(view.id);
      const head = (await readBlock(rpc, "latest"))?.number ?? 0;
      expect(Number(receipt.statement?.depth), name).to.be.within(0, head - Number(view.blockNumber));
      const trust = { trustedBlockHash: receipt.blockHash, contracts, signer: receiptSigner ?? "" };
      const wrong = verifyReceipt(receipt, trust).filter(({ status }) => status !== "ok");
      expect(wrong, name).to.deep.equal([]);
      expect(receipt.payment.payer, name).to.equal(payment.payer);
      expect((await readBlock(rpc, Number(view.blockNumber)))?.hash, name).to.equal(receipt.blockHash);
    }
    const asked = await Promise.all([...made.values()].map(({ view }) => owner.client.receipt(view.id)));
    expect(asked.map(({ id }) => id)).to.deep.equal([...made.values()].map(({ view }) => view.id));
  });

  it("is verified by a command, whose exit status says what was found", async () => {
    const receipt = await owner.client.receipt(of("held").view.id);
    const changed = { ...receipt, payment: { ...receipt.payment, amount: "1" } };
    const { ledger, manager, verifier, escrow, gateway, exchange, permit2, x402 } = stack.deployment;
    const deployed = {
      ...{ format: DEPLOYMENT_FORMAT, chainId: Number(network.chainId), network: "local", permit2, startBlock: 0 },
      contracts: { manager, verifier, ledger, escrow, gateway, exchange, x402 },
      ...{ finalityDepth: 1, blockTime: 1, tokens: [], codeHashes: {}, commit: null, deployedAt: 0 },
      roles: { admin: manager, compliance: manager, guard: manager, guardDelay: 0 },
    };
    const other = { ...deployed, contracts: { ...deployed.contracts, ledger: escrow } };
    const files: Readonly<Record<string, unknown>> = { receipt, changed, network, deployed, other, nothing: {} };
    const run = (...args: string[]) => runVerification(args, (file) => Promise.resolve(JSON.stringify(files[file])));
    const good = ["receipt", "--block-hash", receipt.blockHash];
    expect(await run(...good)).to.deep.include({ status: 0, complaint: "" });
    const all = await run(...good, "--network", "network", "--signer", network.receiptSigner ?? "", "--json");
    expect(all.output).to.contain('"holds":true').and.not.to.contain("unknown");
    expect((await run(...good, "--deployment", "deployed")).output).to.match(/^ok +contracts/m);
    expect((await run(...good, "--deployment", "other")).output).to.match(/^failed +contracts/m);
    expect((await run(...good, "--deployment", "nothing")).complaint).to.match(/^deployment_invalid: /);
    expect((await run(...good, "--deployment", "deployed", "--network", "network")).status).to.equal(2);
    expect((await run("receipt", "--block-hash", ZeroHash)).status).to.equal(1);
    expect((await run("changed", "--block-hash", receipt.blockHash)).output).to.match(/^failed +id/m);
    expect((await run(...good, "--signer", owner.address)).status).to.equal(1);
    for (const args of [["receipt"], ["nothing", ...good.slice(1)], [...good, "--network", "nothing"], ["--what"]]) {
      expect((await run(...args)).status, args.join(" ")).to.equal(2);
    }
  });

  it("refuses a proof of another block, and another event", async () => {
    const [plain, passkey] = [await provenOf("plain"), await provenOf("passkey")];
    const receipt = { ...plain.receipt, statement: null };
    expect(verify(receipt, ZeroHash)).to.have.keys("header");
    const other = await readBlockProof(rpc, plain.block.number - 1);
    expect(holds({ ...receipt, proof: { ...receipt.proof, header: other.header } }, plain.block.hash)).to.equal(false);
    expect(holds({ ...receipt, proof: { ...receipt.proof, header: other.header } }, other.hash)).to.equal(false);
    for (const settledLog of [receipt.proof.settledLog + 1, receipt.proof.settledLog - 1, 999]) {
      expect(holds({ ...receipt, proof: { ...receipt.proof, settledLog } }, plain.block.hash)).to.equal(false);
    }
    const { payment, id, signature } = receipt;
    expect(holds({ ...passkey.receipt, payment, id, signature, statement: null }, passkey.block.hash)).to.equal(false);
    const byOther = verifyReceipt(receipt, {
      ...{ trustedBlockHash: plain.block.hash, contracts: { ...contracts, ledger: contracts.exchange ?? "" } },
    });
    expect(byOther.find(({ name }) => name === "contracts")?.status).to.equal("failed");
    const withoutCall = { ...receipt, proof: { ...receipt.proof, transaction: null } };
    expect(
      verifyReceipt(withoutCall, { trustedBlockHash: plain.block.hash })
        .filter(({ status }) => status !== "ok")
        .map(({ name }) => name),
    ).to.deep.equal(["contracts", "transaction", "statement"]);
    expect(holds(withoutCall, plain.block.hash)).to.equal(true);
  });

  it("finds each payment settled, signed by its payer, and as it was signed", async () => {
    for (const [name, { view, payment, signature }] of made) {
      const record = await read(name);
      expect(record.outcome, name).to.equal("settled");
      expect(record.contradictions, name).to.deep.equal([]);
      expect(record.signature, name).to.include({ status: "valid" });
      expect(record.payment, name).to.deep.include({
        payer: payment.payer,
        amount: payment.amount,
        nonce: payment.nonce,
      });
      expect(record.settlement?.token, name).to.equal(payment.token);
      expect(record.settlement?.step.transactionHash, name).to.equal(view.transactionHash);
      expect(String(record.settlement?.step.timestamp), name).to.equal(view.settledAt);
      if (signature.length > 200) expect(record.signature, name).to.include({ signature });
    }
  });

  it("says what each was", async () => {
    const what = async (name: string): Promise<string> => {
      const { payment, funding, device, isHeld, isExchanged } = await read(name);
      return [payment?.signed.kind, funding, device, isHeld, isExchanged].join(" ");
    };
    expect(await what("plain")).to.equal("plain account 0 false false");
    expect(await what("device")).to.equal("plain account 7 false false");
    expect(await what("pulled")).to.equal("plain erc3009 0 false false");
    expect(await what("pulled hold")).to.equal("held erc3009 0 true false");
    expect(await what("held")).to.equal("held account 0 true false");
    expect(await what("exchanged")).to.equal("exchanged account 0 false true");
    expect(await what("into hold")).to.equal("exchanged_held account 0 true true");
    expect(merchantOf(await read("into hold"))).to.equal(merchant);
  });

  it("tells a hold's whole life, by the hold's id as well", async () => {
    const record = await read("held");
    expect(record.steps.map(({ event }) => event)).to.include.members(["Settled", "Opened", "Captured"]);
    const captured = record.steps.find(({ event }) => event === "Captured");
    expect(captured?.fields).to.include({ amount: 400_000n, captured: 400_000n });
    const { view } = of("into hold");
    const byHold = await readPaymentRecord(rpc, contracts, view.hold?.id ?? "", { fromBlock: 0 });
    expect(byHold.id).to.equal(view.id);
    expect(byHold.holdId).to.equal(view.hold?.id);
  });

  it("rebuilds accounts that the Ledger confirms, and what covers them", async () => {
    const audit = await auditAccounts(rpc, contracts, { fromBlock: 0, firstStep: 7 });
    expect(audit.imbalances).to.deep.equal([]);
    expect(audit.payments).to.equal(made.size);
    const ledger = Ledger__factory.connect(contracts.ledger, stack.provider);
    for (const { token, accounts, sum } of audit.tokens) {
      for (const { owner: of, balance } of accounts) {
        expect((await ledger.accountOf(of, token, { blockTag: audit.end.number })).balance).to.equal(balance);
      }
      const options = { fromBlock: 0, toBlock: audit.end.number, points: 3 };
      const history = await reservesHistory(rpc, contracts.ledger, token, options);
      expect(history.length).to.be.within(1, 3);
      expect(history.at(-1)).to.include({ supply: sum, held: audit.tokens.find((one) => one.token === token)?.held });
    }
    const { dollar, euro } = stack.deployment;
    const failing: RpcCall = (method, params) =>
      method === "eth_call" && (params[0] as { to: string }).to === euro
        ? Promise.reject(new RpcError("refused", "reverted", 3))
        : rpc(method, params);
    const partly = await auditAccounts(failing, contracts, { fromBlock: 0, tokens: [euro, dollar.toLowerCase()] });
    expect(partly.tokens.map(({ held, imbalances }) => [held === null, imbalances.length])).to.deep.equal([
      [true, 1],
      [false, 0],
    ]);
    const late = await auditAccounts(rpc, contracts, { fromBlock: Number(of("plain").view.blockNumber) });
    expect(late.imbalances).to.not.be.empty;
  });

  it("finds a payment by id, memo, transaction, payer and payee", async () => {
    const { view } = of("plain");
    const ids = async (text: string, limit = 50): Promise<string[]> =>
      (await search(rpc, contracts, text, { fromBlock: 0, limit })).found.map(({ id }) => id);
    expect(await ids(view.id)).to.deep.equal([view.id]);
    expect(await ids(view.memo)).to.include(view.id);
    expect(await ids(view.transactionHash ?? "")).to.include(view.id);
    expect(await ids(view.payer)).to.have.members(
      ["plain", "pulled", "pulled hold", "device"].map((name) => of(name).view.id),
    );
    expect(await ids(merchant)).to.include.members(["plain", "p256", "exchanged"].map((name) => of(name).view.id));
    expect(await ids(hexlify(randomBytes(32)))).to.deep.equal([]);
    const seen: string[] = [];
    for (let toBlock: number | null = await stack.provider.getBlockNumber(); toBlock !== null;) {
      const page = await search(rpc, contracts, view.payer, { fromBlock: 0, toBlock, limit: 1 });
      seen.push(...page.found.map(({ id }) => id));
      toBlock = page.next;
    }
    expect(seen).to.have.members(await ids(view.payer));
  });

  it("has nothing to say of an id that nobody paid", async () => {
    const record = await readPaymentRecord(rpc, contracts, hexlify(randomBytes(32)), { fromBlock: 0 });
    expect(record).to.include({ outcome: "absent", settlement: null, signature: null });
  });

  it("tells a payment that the Ledger refused, and finds the good signature beside a bad one", async () => {
    const payment = await compose();
    const settle = async (signers: readonly Wallet[]): Promise<void> => {
      const rows = await Promise.all(
        signers.map(async (signer) => ({
          ...payment,
          ...(toCompactSignature(await signPayment(signer, owner.domain, payment)) ?? { r: "", vs: "" }),
        })),
      );
      const ledger = Ledger__factory.connect(contracts.ledger, stack.deployer);
      await (await ledger.settle([{ payee: payment.payee, token: payment.token, rows }])).wait();
    };
    const stranger = new Wallet(hexlify(randomBytes(32)));
    const audit = (): Promise<PaymentRecord> =>
      readPaymentRecord(rpc, contracts, paymentId(owner.domain, payment), { fromBlock: 0 });
    await settle([stranger]);
    const refused = await audit();
    expect(refused).to.deep.include({ outcome: "rejected", settlement: null });
    expect(refused.signature).to.deep.equal({ status: "invalid", reason: "bad_signature" });
    await settle([stranger, owner.wallet]);
    const record = await audit();
    expect(record.outcome).to.equal("settled");
    expect(record.signature).to.include({ status: "valid", signer: owner.address });
    expect(record.steps.map(({ event }) => event)).to.deep.equal(["Rejected", "Rejected", "Settled"]);
  });

  it("takes each honest receipt", async () => {
    for (const name of made.keys()) expect(await failed(await receiptOf(name)), name).to.deep.equal([]);
    const checks = await checkReceipt(rpc, JSON.stringify(await receiptOf("plain")), { contracts, fromBlock: 0 });
    expect(isGood(checks)).to.equal(true);
  });

  it("finds every lie in a receipt", async () => {
    const receipt = await receiptOf("exchanged");
    const stranger = new Wallet(hexlify(randomBytes(32))).address;
    const other = await receiptOf("plain");
    const lies: readonly [unknown, string][] = [
      [{ ...receipt, id: other.id }, "id"],
      [{ ...receipt, chainId: "1" }, "chain"],
      [{ ...receipt, contracts: { ...receipt.contracts, ledger: stranger } }, "contracts"],
      [{ ...receipt, signature: other.signature }, "signature"],
      [{ ...receipt, transactionHash: receipt.blockHash }, "transaction"],
      [{ ...receipt, blockNumber: String(Number(receipt.blockNumber) - 1) }, "block"],
      [{ ...receipt, blockNumber: "9007199254740991" }, "block"],
      [{ ...receipt, blockHash: receipt.id }, "block"],
      [{ ...receipt, settledAt: String(Number(receipt.settledAt) + 1) }, "time"],
      [{ ...receipt, exchange: null }, "exchange"],
      [{ ...receipt, exchange: { ...receipt.exchange, fee: "9" } }, "exchange"],
      [{ ...receipt, exchange: { ...receipt.exchange, paid: "9" } }, "exchange"],
      [{ ...receipt, exchange: { ...receipt.exchange, rate: { payAmount: "1", settleAmount: "1" } } }, "exchange"],
      [{ ...other, exchange: receipt.exchange }, "exchange"],
      [{ ...other, funding: "erc3009" }, "id"],
    ];
    for (const [lie, check] of lies) expect(await failed(lie), JSON.stringify(lie)).to.include(check);
    for (const [name, value] of Object.entries({ payer: stranger, payee: stranger, token: stranger })) {
      expect(await failed({ ...other, payment: { ...other.payment, [name]: value } })).to.include.members([
        "id",
        "payment",
      ]);
    }
    for (const name of ["amount", "nonce", "deadline"]) {
      expect(await failed({ ...other, payment: { ...other.payment, [name]: "5" } })).to.include("id");
    }
  });

  /** A node that changes what the real one answers. */
  const lying =
    (method: string, change: (result: unknown) => unknown): RpcCall =>
    async (asked, params) => {
      const result = await rpc(asked, params);
      return asked === method ? change(structuredClone(result)) : result;
    };

  async function fails(reading: Promise<unknown>): Promise<string> {
    try {
      await reading;
      return "read";
    } catch (error) {
      return error instanceof RecordError ? error.failure : String(error);
    }
  }

  it("finds a node out that changes, hides or moves events", async () => {
    const amountChanged = (result: unknown): unknown =>
      (result as { data: string }[]).map((log) => ({ ...log, data: log.data.replace("f4240", "f4241") }));
    expect(await fails(read("plain", lying("eth_getLogs", amountChanged)))).to.equal("contradiction");
    const receiptChanged = (result: unknown): unknown => ({
      ...(result as object),
      logs: amountChanged((result as { logs: unknown }).logs),
    });
    const both: RpcCall = (method, params) =>
      lying(method, method === "eth_getLogs" ? amountChanged : receiptChanged)(method, params);
    const consistent: RpcCall = (method, params) =>
      method === "eth_getLogs" || method === "eth_getTransactionReceipt" ? both(method, params) : rpc(method, params);
    // A lie that is told everywhere contradicts what was signed, or the sum of its batch.
    const found = await fails(
      read("plain", consistent).then(({ contradictions }) => expect(contradictions).to.be.empty),
    );
    expect(found).to.not.equal("read");
    const moved = (result: unknown): unknown =>
      (result as object[]).map((log) => ({ ...log, blockHash: hexlify(randomBytes(32)) }));
    expect(await fails(read("plain", lying("eth_getLogs", moved)))).to.equal("reorged");
    const elsewhere = (result: unknown): unknown =>
      (result as object[]).map((log) => ({ ...log, address: stack.deployment.dollar }));
    expect(await fails(read("plain", lying("eth_getLogs", elsewhere)))).to.equal("contradiction");
    const aboutAnother: RpcCall = (method, params) =>
      method === "eth_getLogs"
        ? rpc(method, [{ ...(params[0] as object), topics: [null, of("p256").view.id] }])
        : rpc(method, params);
    expect(await fails(read("plain", aboutAnother))).to.equal("contradiction");
  });

  it("is not issued of what has not settled", async () => {
    const payment = { ...(await compose()), deadline: await deadlineIn(stack, 600n), amount: 1n };
    const codeOf = (id: string): Promise<string> =>
      owner.client.receipt(id).then(
        () => "issued",
        (error: unknown) => (error instanceof ProblemError ? error.problem.code : String(error)),
      );
    expect(await codeOf(ZeroHash)).to.equal("not_found");
    const { id } = await owner.client.submitPayment(payment, await signPayment(owner.wallet, owner.domain, payment));
    expect(await codeOf(id)).to.equal("not_settled");
    await owner.client.decided(id);
    expect(await codeOf(id)).to.equal("issued");
  });

  it("finds a signature out that is not the payer's, and says what it cannot read", async () => {
    const { signature } = of("plain");
    const forged = hexlify(randomBytes(16)).slice(2);
    const changed = lying("eth_getTransactionByHash", (result) => {
      const transaction = result as { input: string };
      return { ...transaction, input: transaction.input.replace(signature.slice(10, 42), forged) };
    });
    expect((await read("plain", changed)).signature).to.deep.equal({ status: "invalid", reason: "bad_signature" });
    const byStranger = lying("eth_getTransactionByHash", (result) => ({ ...(result as object), to: owner.address }));
    const unread = await read("plain", byStranger);
    expect(unread.signature).to.deep.equal({ status: "not_found_in_calldata", reason: "unknown_contract" });
    expect(unread.payment).to.equal(null);
    const { memo } = of("plain").view;
    const row = lying("eth_getTransactionByHash", (result) => {
      const transaction = result as { input: string };
      return { ...transaction, input: transaction.input.replaceAll(memo.slice(2), hexlify(randomBytes(32)).slice(2)) };
    });
    expect((await read("plain", row)).signature).to.deep.equal({
      status: "not_found_in_calldata",
      reason: "no_such_row",
    });
    expect(contracts.chainId).to.equal(LOCAL_CHAIN_ID);
  });
});
