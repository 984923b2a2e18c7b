// A private development chain of go-ethereum as a process of its own: `node --import tsx scripts/local/geth.ts PORT [GETH [OPTION …]]`.
// It mines a block a second and has a real mempool; its folder is gone with it. Ends with its parent.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { freePort } from "./free-port.ts";

/** As Ethereum has it. {hex} */
const BLOCK_GAS = "0x3938700";
/** The account of every development chain, which its node signs for. */
const DEVELOPER = "0x71562b71999873db5b286df957af199ec94617f7";
const COINS = "0xd3c21bcecceda1000000";
/** Upgrades after Osaka: a development chain of this client has them beforehand, with prices of gas that no public network has. */
const LATER = ["amsterdamTime", "bogotaTime", "ubtTime", "verkleTime"];

interface Genesis {
  config: Record<string, unknown>;
  alloc: Record<string, unknown>;
  gasLimit: string;
}

/** Begins a chain in the folder that stays at Osaka. */
function writeGenesis(binary: string, folder: string): void {
  const genesis = JSON.parse(
    execFileSync(binary, ["--dev", "dumpgenesis"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }),
  ) as Genesis;
  for (const upgrade of LATER) Reflect.deleteProperty(genesis.config, upgrade);
  genesis.gasLimit = BLOCK_GAS;
  genesis.alloc[DEVELOPER] = { balance: COINS };
  const file = join(folder, "genesis.json");
  writeFileSync(file, JSON.stringify(genesis));
  execFileSync(binary, ["init", "--datadir", folder, file], { stdio: "ignore" });
}
const START_LIMIT_MS = 30_000;

async function answers(url: string): Promise<boolean> {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_blockNumber", params: [] });
  const headers = { "content-type": "application/json" };
  return fetch(url, { method: "POST", headers, body }).then(
    async (answer) => (await answer.text()).includes('"result"'),
    () => false,
  );
}

const asked = Number(process.argv[2] ?? 0);
const port = asked === 0 ? await freePort() : asked;
const folder = mkdtempSync(join(tmpdir(), "corridor-geth-"));
const binary = process.argv[3] ?? "geth";
writeGenesis(binary, folder);
const geth = spawn(
  binary,
  [
    ...["--dev", "--dev.period", "1", "--datadir", folder, "--verbosity", "1"],
    ...["--http", "--http.addr", "127.0.0.1", "--http.port", String(port), "--http.api", "eth,net,web3,txpool"],
    ...["--authrpc.port", String(await freePort()), "--port", "0", "--nodiscover", "--maxpeers", "0", "--ipcdisable"],
    // CreateX is deployed by a transaction that is good on any chain.
    "--rpc.allow-unprotected-txs",
    ...process.argv.slice(4),
  ],
  { stdio: ["ignore", "ignore", "inherit"] },
);
const stop = (): void => {
  geth.kill("SIGKILL");
};
process.on("SIGTERM", stop);
process.on("disconnect", stop);
// A terminal's Ctrl-C reaches this process too; whoever started it says when the chain may go.
process.on("SIGINT", () => undefined);
geth.once("error", (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
geth.once("exit", (code, signal) => {
  rmSync(folder, { recursive: true, force: true });
  process.exit(signal === "SIGKILL" ? 0 : (code ?? 1));
});

const url = `http://127.0.0.1:${port}`;
for (const end = Date.now() + START_LIMIT_MS; !(await answers(url));) {
  if (Date.now() > end) throw new Error(`geth did not answer on port ${port}`);
  await new Promise((resolve) => setTimeout(resolve, 100));
}
process.send?.({ url });
