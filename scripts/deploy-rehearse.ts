import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";

import { readDeployment } from "./deploy/deployment-file.ts";
import { grouped, tableOf } from "./deploy/print.ts";
import { runDeploy } from "./deploy/rehearsal/command.ts";
import { relayPayments } from "./deploy/rehearsal/relay.ts";
import { setStage, type StageOptions } from "./deploy/rehearsal/stage.ts";

const GET_GETH =
  "geth is not there. It is go-ethereum's node: with Go, `go install github.com/ethereum/go-ethereum/cmd/geth@v1.17.10`,\n" +
  "else see geth.ethereum.org/downloads. Name it by --geth PATH if it is not on the PATH; or rehearse with --node anvil.";
/** The deployment is killed after so many of its transactions, and gone on with. */
const KILL_AT = 5;
/** geth mines no transaction with a lower priority fee, and a lane offers 1 gwei at first: it has to raise its bid. */
const LEAST_TIP_WEI = "1100000000";

const { values } = parseArgs({
  options: {
    node: { type: "string", default: "geth" },
    geth: { type: "string", default: "geth" },
    payments: { type: "string", default: "300" },
    json: { type: "boolean", default: false },
  },
});
const payments = Number(values.payments);
if (!Number.isSafeInteger(payments) || payments < 0) throw new Error("--payments: expected a whole number");

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

function stageOptions(): StageOptions {
  if (values.node === "anvil")
    return { script: "scripts/local/anvil.ts", args: ["--block-time", "1"], finalityDepth: 2 };
  if (values.node !== "geth") throw new Error(`--node: expected geth or anvil, not ${values.node}`);
  return { script: "scripts/local/geth.ts", args: [values.geth, "--miner.gasprice", LEAST_TIP_WEI], finalityDepth: 2 };
}

interface DeployOutcome {
  readonly transactions: number;
  readonly gas: string;
  readonly smoke: { readonly gas: string };
}

async function rehearse(): Promise<void> {
  say(`Starting ${values.node} …`);
  const stage = await setStage(stageOptions());
  try {
    const client = String(await stage.provider.send("web3_clientVersion", []));
    say(`${client}. Deploying, and killing it on the way …`);
    const startedAt = performance.now();
    const killed = await runDeploy(stage, ["--yes"], { killAtNonce: KILL_AT });
    say("Killed. Deploying again …");
    const { status, stdout, stderr } = await runDeploy(stage, ["--yes", "--json"]);
    const said = stdout.trim().split("\n");
    const last = said.pop() ?? "";
    process.stdout.write(`${said.join("\n")}\n`);
    if (status !== 0) throw new Error(`The deployment failed:\n${stderr}`);
    const deploySeconds = (performance.now() - startedAt) / 1_000;
    const outcome = JSON.parse(last) as DeployOutcome;
    const deployment = readDeployment(`${stage.folder}/deployments`, stage.chainId);
    if (deployment === undefined) throw new Error("No file was written");
    say(payments === 0 ? "" : `Relaying ${payments} payments …`);
    const relayed = payments === 0 ? undefined : await relayPayments(stage, deployment, payments);
    const ok =
      relayed === undefined || (relayed.settled === relayed.payments && relayed.twice === 0 && relayed.off === 0n);
    const rows = [
      ["node", client],
      ["killed after", `${KILL_AT} transactions${killed.status === null ? "" : ", too late"}`],
      ["deployed in", `${deploySeconds.toFixed(0)} s, ${outcome.transactions} transactions`],
      ["smoke payment", `${grouped(BigInt(outcome.smoke.gas))} gas`],
      ...(relayed === undefined
        ? []
        : [
            [
              "payments settled",
              `${relayed.settled} of ${relayed.payments}, twice ${relayed.twice}, off by ${relayed.off}`,
            ],
            [
              "in",
              `${relayed.seconds.toFixed(1)} s, ${relayed.transactions} transactions, ${grouped(relayed.gasPerPayment)} gas a payment`,
            ],
            ["most waiting in the mempool", `${relayed.mostWaiting} of a lane`],
            ["replaced by a dearer one", String(relayed.replaced)],
          ]),
    ];
    process.stdout.write(`\n${tableOf(rows)}\n`);
    if (values.json) {
      const result = { ok, client, deploySeconds, transactions: outcome.transactions, relayed };
      const text = JSON.stringify(result, (_, value: unknown) =>
        typeof value === "bigint" ? value.toString() : value,
      );
      process.stdout.write(`${text}\n`);
    }
    if (!ok) process.exitCode = 1;
  } finally {
    await stage.stop();
  }
}

if (values.node === "geth" && spawnSync(values.geth, ["version"], { stdio: "ignore" }).error !== undefined) {
  say(GET_GETH);
  process.exitCode = 1;
} else {
  await rehearse();
}
