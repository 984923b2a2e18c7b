// A Hardhat node as a process of its own: `node --import tsx scripts/local/chain.ts PORT`. Ends with its parent.
import { network } from "hardhat";

const server = await network.createServer("local", "127.0.0.1", Number(process.argv[2] ?? 8545));
const { address, port } = await server.listen();

const stop = (): void => {
  void server.close().finally(() => process.exit(0));
};
process.on("SIGTERM", stop);
process.on("disconnect", stop);
// A terminal's Ctrl-C reaches this process too; whoever started it says when the chain may go.
process.on("SIGINT", () => undefined);

process.send?.({ url: `http://${address}:${port}` });
