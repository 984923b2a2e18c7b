// An Anvil node as a process of its own: `node --import tsx scripts/local/anvil.ts PORT`. Ends with its parent.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";

import { freePort } from "./free-port.ts";

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };
/** As a Hardhat chain has it. */
const BLOCK_GAS = "60000000";
const START_LIMIT_MS = 20_000;

/** The binary for this machine, out of the package that npm chose for it. */
function binaryPath(): string {
  const require = createRequire(createRequire(import.meta.url).resolve("@foundry-rs/anvil/package.json"));
  const name = process.platform === "win32" ? "anvil.exe" : "anvil";
  const architecture = ARCHITECTURES[process.arch] ?? process.arch;
  return require.resolve(`@foundry-rs/anvil-${process.platform}-${architecture}/bin/${name}`);
}

async function answers(url: string): Promise<boolean> {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_chainId", params: [] });
  const headers = { "content-type": "application/json" };
  return fetch(url, { method: "POST", headers, body }).then(
    ({ ok }) => ok,
    () => false,
  );
}

const asked = Number(process.argv[2] ?? 8545);
const port = asked === 0 ? await freePort() : asked;
const anvil = spawn(
  binaryPath(),
  [
    ...["--host", "127.0.0.1", "--port", String(port), "--chain-id", "31337", "--accounts", "20"],
    ...["--mnemonic", "test test test test test test test test test test test junk"],
    ...["--hardfork", "osaka", "--gas-limit", BLOCK_GAS, "--enable-tx-gas-limit", "--quiet"],
    ...process.argv.slice(3),
  ],
  { stdio: ["ignore", "ignore", "inherit"] },
);
const stop = (): void => {
  anvil.kill("SIGKILL");
  process.exit(0);
};
process.on("SIGTERM", stop);
process.on("disconnect", stop);
// A terminal's Ctrl-C reaches this process too; whoever started it says when the chain may go.
process.on("SIGINT", () => undefined);
anvil.once("exit", (code) => process.exit(code ?? 1));

const url = `http://127.0.0.1:${port}`;
for (const end = Date.now() + START_LIMIT_MS; !(await answers(url));) {
  if (Date.now() > end) throw new Error(`Anvil did not answer on port ${port}`);
  await new Promise((resolve) => setTimeout(resolve, 50));
}
process.send?.({ url });
