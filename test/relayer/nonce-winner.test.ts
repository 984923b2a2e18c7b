import { expect } from "chai";
import fc from "fast-check";

import { findNonceWinner } from "../../relayer/chain/nonce-winner.ts";

const ACCOUNT = "0xAbCdefabcdefabcdefabcdefabcdefabcdefabcd";
const OTHER = "0x1111111111111111111111111111111111111111";

interface Transaction {
  readonly hash: string;
  readonly from: string;
  readonly nonce: string;
}

/** Who sent each transaction of each block, from block 0 on. Most blocks of a chain have none of an account's. */
const senders = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.constant<string[]>([]) },
    { weight: 1, arbitrary: fc.array(fc.constantFrom(ACCOUNT, OTHER), { maxLength: 4 }) },
  ),
  { minLength: 1, maxLength: 200, size: "max" },
);

/** A node that has all of a chain's states. */
class Archive {
  readonly blocks: Transaction[][] = [];
  questions = 0;

  constructor(bySender: readonly (readonly string[])[]) {
    const counts = new Map<string, number>();
    for (const [number, block] of bySender.entries()) {
      this.blocks.push(
        block.map((from, index) => {
          const nonce = counts.get(from) ?? 0;
          counts.set(from, nonce + 1);
          // Nodes write addresses in small letters.
          return { hash: `transaction ${number}/${index}`, from: from.toLowerCase(), nonce: `0x${nonce.toString(16)}` };
        }),
      );
    }
  }

  /** The account's transactions up to a block. */
  sent(to: number): Transaction[] {
    return this.blocks
      .slice(0, to + 1)
      .flat()
      .filter(({ from }) => from === ACCOUNT.toLowerCase());
  }

  readonly send = (method: string, params: unknown[]): Promise<unknown> => {
    this.questions += 1;
    if (method === "eth_getTransactionCount") {
      expect(params[0]).to.equal(ACCOUNT);
      return Promise.resolve(`0x${this.sent(Number(params[1])).length.toString(16)}`);
    }
    expect(method).to.equal("eth_getBlockByNumber");
    expect(params[1]).to.equal(true);
    const transactions = this.blocks[Number(params[0])];
    return Promise.resolve(transactions === undefined ? null : { transactions });
  };
}

describe("the transaction that used a nonce", () => {
  it("is found in any chain, for any nonce, up to any block", async () => {
    const property = fc.asyncProperty(senders, fc.nat(199), async (blocks, last) => {
      const to = last % blocks.length;
      const archive = new Archive(blocks);
      const sent = archive.sent(to);
      for (const nonce of [...sent.keys(), sent.length, sent.length + 3]) {
        archive.questions = 0;
        expect(await findNonceWinner(archive, ACCOUNT, BigInt(nonce), BigInt(to))).to.equal(sent[nonce]?.hash);
        // It doubles its steps and then halves them.
        expect(archive.questions).to.be.at.most(2 * Math.ceil(Math.log2(blocks.length + 1)) + 4);
      }
    });
    await fc.assert(property);
  });

  it("is not found by a node that does not show the block, or not all of it", async () => {
    const archive = new Archive([[], [ACCOUNT], [OTHER]]);
    const answering = (block: unknown) => ({
      send: (method: string, params: unknown[]) =>
        method === "eth_getBlockByNumber" ? Promise.resolve(block) : archive.send(method, params),
    });
    expect(await findNonceWinner(archive, ACCOUNT, 0n, 2n)).to.equal("transaction 1/0");
    expect(await findNonceWinner(answering(null), ACCOUNT, 0n, 2n)).to.equal(undefined);
    expect(await findNonceWinner(answering({ transactions: [] }), ACCOUNT, 0n, 2n)).to.equal(undefined);
    const another = { transactions: [{ hash: "another", from: ACCOUNT, nonce: "0x1" }] };
    expect(await findNonceWinner(answering(another), ACCOUNT, 0n, 2n)).to.equal(undefined);
  });
});
