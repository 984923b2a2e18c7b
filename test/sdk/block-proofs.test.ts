import { readFileSync } from "node:fs";

import { expect } from "chai";
import { Transaction, hexlify, JsonRpcProvider, keccak256, Wallet, ZeroAddress } from "ethers";

import { startPart, type Part } from "../../scripts/local/process.ts";
import { localKey } from "../../scripts/local/stack.ts";
import { encodeHeader, readHeader } from "../../sdk/record/proof/block-header.ts";
import { readBlockProof } from "../../sdk/record/proof/block-proof.ts";
import type { NodeFields } from "../../sdk/record/proof/node-fields.ts";
import { orderedTrie } from "../../sdk/record/proof/ordered-trie.ts";
import { ProofError } from "../../sdk/record/proof/proof-error.ts";
import { decodeReceipt, encodeReceipt } from "../../sdk/record/proof/receipt-envelope.ts";
import { decodeTransaction, encodeTransaction } from "../../sdk/record/proof/transaction-envelope.ts";
import { walkProof } from "../../sdk/record/proof/walk-proof.ts";
import { RecordError } from "../../sdk/record/record-error.ts";
import { httpRpc, type RpcCall, RpcError } from "../../sdk/record/rpc.ts";

interface Vector {
  readonly source: string;
  readonly block: NodeFields & { readonly transactions: readonly NodeFields[] };
  readonly receipts?: readonly NodeFields[];
}

const VECTORS = JSON.parse(readFileSync("test/vectors/blocks.json", "utf8")) as Readonly<Record<string, Vector>>;

/** Deploys nothing and logs 42 under a topic. */
const LOGGING = "0x602a600052600760206000a100";

describe("the proof of what stands in a block", () => {
  it("encodes headers of every fork to their hashes", () => {
    for (const [fork, { block }] of Object.entries(VECTORS)) {
      const header = readHeader(hexlify(encodeHeader(block)));
      expect(header?.hash, fork).to.equal(block.hash);
      expect(header?.receiptsRoot, fork).to.equal(block.receiptsRoot);
      expect(String(header?.number), fork).to.equal(String(Number(block.number)));
    }
  });

  it("says so of a header that it does not know", () => {
    const { block } = vector("prague");
    const isUnknown = (fields: NodeFields): boolean => failure(() => encodeHeader(fields)) === "unknown_header";
    expect(isUnknown({ ...block, stateRoot: block.parentHash })).to.equal(true);
    expect(isUnknown({ ...block, requestsHash: null })).to.equal(true);
    // What a node tells beyond the header does not disturb it.
    expect(hexlify(encodeHeader({ ...block, slotNumber: "0x5" }))).to.equal(hexlify(encodeHeader(block)));
  });

  it("comes to the roots of published blocks", async () => {
    const { block, receipts = [] } = vector("withReceipts");
    expect((await orderedTrie(receipts.map(encodeReceipt))).root).to.equal(block.receiptsRoot);
    for (const { block: of } of [vector("withReceipts"), vector("cancun")]) {
      expect((await orderedTrie(of.transactions.map(encodeTransaction))).root).to.equal(of.transactionsRoot);
    }
  });

  it("encodes blob and code-setting transactions as ethers does", async () => {
    const wallet = new Wallet(localKey(0).privateKey);
    const common = { chainId: 5, nonce: 3, gasLimit: 100_000, maxFeePerGas: 9, maxPriorityFeePerGas: 2, value: 7 };
    const accessList = [{ address: wallet.address, storageKeys: [keccak256("0x01")] }];
    const authorization = wallet.authorizeSync({ address: ZeroAddress, chainId: 5, nonce: 4 });
    const bodies = [
      { ...common, type: 3, maxFeePerBlobGas: 11, blobVersionedHashes: [`0x01${"ab".repeat(31)}`], accessList },
      { ...common, type: 4, authorizationList: [authorization], accessList },
    ];
    for (const body of bodies) {
      const { type, ...rest } = body;
      const signed = Transaction.from(
        await wallet.signTransaction({ ...rest, type, to: wallet.address, data: "0x1234" }),
      );
      const quantity = (value: bigint | number | null): string => `0x${BigInt(value ?? 0).toString(16)}`;
      const { signature } = signed;
      if (signature === null) throw new Error("not signed");
      const told = {
        ...{
          type: quantity(type),
          hash: signed.hash,
          chainId: "0x5",
          nonce: "0x3",
          to: wallet.address,
          input: "0x1234",
        },
        ...{ gas: quantity(signed.gasLimit), maxFeePerGas: "0x9", maxPriorityFeePerGas: "0x2", value: "0x7" },
        ...{ accessList: signed.accessList, maxFeePerBlobGas: "0xb", blobVersionedHashes: signed.blobVersionedHashes },
        authorizationList: signed.authorizationList?.map((one) => ({
          ...{ chainId: quantity(one.chainId), address: one.address, nonce: quantity(one.nonce) },
          ...{ yParity: quantity(one.signature.yParity), r: one.signature.r, s: one.signature.s },
        })),
        ...{ yParity: quantity(signature.yParity), r: signature.r, s: signature.s },
      };
      const encoded = encodeTransaction(told);
      expect(hexlify(encoded)).to.equal(signed.serialized);
      expect(decodeTransaction(encoded)).to.deep.equal({
        ...{ hash: signed.hash, to: wallet.address.toLowerCase(), input: "0x1234" },
      });
    }
  });

  it("encodes deposits of the OP stack, and names what it cannot", async () => {
    const receipt = { status: "0x1", cumulativeGasUsed: "0xb", logsBloom: `0x${"00".repeat(256)}`, logs: [] };
    const deposit = { ...receipt, type: "0x7e", depositNonce: "0x5" };
    const [before, since] = [deposit, { ...deposit, depositReceiptVersion: "0x1" }].map(encodeReceipt);
    expect(since?.length).to.equal((before?.length ?? 0) + 2);
    expect(decodeReceipt(since ?? new Uint8Array())).to.deep.equal({ succeeded: true, logs: [] });
    const { block } = vector("withReceipts");
    const strange = { ...VECTORS.withReceipts?.receipts?.[0], type: "0x6a" };
    const answers: Readonly<Record<string, unknown>> = { eth_getBlockByNumber: block, eth_getBlockReceipts: [strange] };
    const rpc: RpcCall = (method) => Promise.resolve(answers[method]);
    expect(await failureOf(readBlockProof(rpc, 9))).to.equal("unknown_receipt_kind");
    const other: RpcCall = (method) =>
      Promise.resolve(method === "eth_getBlockReceipts" ? [{ ...strange, type: "0x0", status: "0x0" }] : block);
    expect(await failureOf(readBlockProof(other, 9))).to.equal("other_receipts");
    const elsewhere: RpcCall = (method) =>
      Promise.resolve(method === "eth_getBlockReceipts" ? [{ ...strange, blockHash: block.parentHash }] : block);
    expect(await failureOf(readBlockProof(elsewhere, 9))).to.equal("reorged");
    expect(await failureOf(readBlockProof(rpc, 8))).to.equal("malformed");
    expect(await failureOf(readBlockProof(() => Promise.resolve(null), 8))).to.equal("no_block");
  });

  for (const [node, script] of [
    ["Hardhat", "scripts/local/chain.ts"],
    ["Anvil", "scripts/local/anvil.ts"],
  ] as const) {
    describe(`on a block of ${node}`, () => {
      let chain: Part;
      let provider: JsonRpcProvider;
      let rpc: RpcCall;

      before(async () => {
        chain = await startPart("chain", script, ["0"], {});
        provider = new JsonRpcProvider(chain.url, undefined, { staticNetwork: true, cacheTimeout: -1 });
        rpc = httpRpc(chain.url);
        await provider.send("evm_setIntervalMining", [0]);
        await provider.send("evm_setAutomine", [false]);
      });

      after(async () => {
        provider.destroy();
        await chain.stop();
      });

      /** Transactions of kinds 0, 1, 2 and 4 in turn, in one block. */
      async function mine(count: number): Promise<number> {
        const wallet = new Wallet(localKey(0).privateKey);
        const first = await provider.getTransactionCount(wallet.address);
        const to = localKey(1).address;
        const raw: string[] = [];
        for (let index = 0; index < count; index += 1) {
          const type = [2, 0, 1, 4][index % 4] ?? 2;
          const authorization = localKey(2).authorizeSync({ address: ZeroAddress, chainId: 31337, nonce: 0 });
          const fees =
            type < 2 ? { gasPrice: 3_000_000_000n } : { maxFeePerGas: 3_000_000_000n, maxPriorityFeePerGas: 1n };
          raw.push(
            await wallet.signTransaction({
              ...{ type, chainId: 31337, nonce: first + index, gasLimit: 200_000n, ...fees },
              ...(type === 4 ? { to, value: 1n, authorizationList: [authorization] } : { data: LOGGING }),
              ...(type === 1 ? { accessList: [{ address: to, storageKeys: [keccak256("0x02")] }] } : {}),
            }),
          );
        }
        await Promise.all(raw.map((one) => provider.send("eth_sendRawTransaction", [one])));
        await provider.send("evm_mine", []);
        return provider.getBlockNumber();
      }

      for (const count of [1, 2, 17, 130]) {
        it(`proves each of ${count} transactions, and refuses every other place`, async () => {
          const proof = await readBlockProof(rpc, await mine(count));
          expect(proof.places.size).to.equal(count);
          const header = readHeader(proof.header);
          const { receipts, transactions } = proof;
          if (header === undefined || transactions === null) throw new Error("no proof");
          for (const [hash, index] of proof.places) {
            const nodes = await transactions.proofOf(index);
            const value = walkProof(header.transactionsRoot, index, nodes);
            expect(value === undefined ? undefined : decodeTransaction(value)?.hash).to.equal(hash);
            for (const other of [index + 1, index - 1, index + 128, 2 ** 20]) {
              expect(walkProof(header.transactionsRoot, other, nodes)).to.equal(undefined);
            }
            const own = await receipts.proofOf(index);
            const outcome = decodeReceipt(walkProof(header.receiptsRoot, index, own) ?? new Uint8Array());
            expect(outcome?.succeeded, String(index)).to.equal(true);
            expect(outcome?.logs.length).to.equal(index % 4 === 3 ? 0 : 1);
            expect(walkProof(header.transactionsRoot, index, own)).to.equal(undefined);
            expect(walkProof(header.receiptsRoot, index, [...own, own[0] ?? ""])).to.equal(undefined);
            expect(walkProof(header.receiptsRoot, index, own.slice(1))).to.equal(undefined);
            expect(walkProof(header.receiptsRoot, index, own.slice(0, -1))).to.equal(undefined);
          }
        });
      }

      it("reads receipts one by one from a node that does not give them at once", async () => {
        const number = await mine(3);
        let asked = 0;
        const old: RpcCall = (method, params) => {
          if (method === "eth_getBlockReceipts")
            return Promise.reject(new RpcError("refused", "no such method", -32_601));
          if (method === "eth_getTransactionReceipt") asked += 1;
          return rpc(method, params);
        };
        expect((await readBlockProof(old, number)).receipts.root).to.equal(
          (await readBlockProof(rpc, number)).receipts.root,
        );
        expect(asked).to.equal(3);
      });
    });
  }
});

function vector(name: string): Vector {
  const found = VECTORS[name];
  if (found === undefined) throw new Error(`no vector ${name}`);
  return found;
}

function codeOf(error: unknown): string {
  if (error instanceof ProofError || error instanceof RecordError || error instanceof RpcError) return error.failure;
  return String(error);
}

function failure(of: () => unknown): string {
  try {
    of();
    return "none";
  } catch (error) {
    return codeOf(error);
  }
}

function failureOf(work: Promise<unknown>): Promise<string> {
  return work.then(() => "none", codeOf);
}
