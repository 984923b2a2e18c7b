import { expect } from "chai";

import { createChainReader } from "../../relayer/chain/chain-reader.ts";

const CONTRACT = `0x${"ab".repeat(20)}`;

interface Filter {
  readonly blockHash?: string;
  readonly fromBlock?: string;
  readonly toBlock?: string;
}

/** A node whose every block carries one log. Asked by numbers beyond its head it answers what it has, as many do. */
function node(head: number) {
  const asked: Filter[] = [];
  const log = (number: number) => ({
    ...{ address: CONTRACT, topics: [], data: "0x", transactionHash: `0x${number}`, blockHash: `hash ${number}` },
    blockNumber: `0x${number.toString(16)}`,
  });
  const send = (_method: string, [filter]: unknown[]): Promise<unknown> => {
    const { blockHash, fromBlock, toBlock } = filter as Filter;
    asked.push(filter as Filter);
    if (blockHash === undefined) {
      const to = Math.min(head, Number(toBlock));
      return Promise.resolve(
        Array.from({ length: head }, (_, at) => at + 1).flatMap((number) =>
          number >= Number(fromBlock) && number <= to ? [log(number)] : [],
        ),
      );
    }
    const number = Number(blockHash.slice("hash ".length));
    return number > head ? Promise.reject(new Error("unknown block")) : Promise.resolve([log(number)]);
  };
  const reader = createChainReader({ send, sendToAll: () => Promise.resolve([]), quorum: 1 }, [CONTRACT]);
  const logsOf = (number: bigint) =>
    reader.logsOf({
      ...{ number, hash: `hash ${number}`, parentHash: `hash ${number - 1n}`, timestamp: 0n, baseFee: 0n },
      transactions: [],
    });
  return { asked, logsOf, logs: (from: bigint, to: bigint) => reader.logs(from, to) };
}

describe("the logs of blocks", () => {
  it("are all of them, in order, by one question for a block or a range", async () => {
    const { asked, logs, logsOf } = node(12);
    expect((await logsOf(12n)).map(({ blockNumber }) => blockNumber)).to.deep.equal([12]);
    expect((await logs(8n, 11n)).map(({ blockNumber }) => blockNumber)).to.deep.equal([8, 9, 10, 11]);
    expect(asked).to.have.length(2);
    // Why the newest blocks are asked for by their hash.
    expect(await logs(13n, 14n)).to.deep.equal([]);
  });

  it("of a block are not taken to be none from a node that has not come so far", async () => {
    const answer = await node(12)
      .logsOf(13n)
      .catch((error: unknown) => error);
    expect(answer).to.be.instanceOf(Error);
  });
});
