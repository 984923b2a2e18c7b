import { spawn } from "node:child_process";

import type { Stage } from "./stage.ts";

export interface CommandResult {
  /** `null` if it was killed. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** Kills the command, without warning, once the deployer has sent so many transactions. */
  readonly killAtNonce?: number;
}

const POLL_MS = 20;

/** `npm run deploy` as a process of its own. */
export async function runDeploy(
  stage: Stage,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const child = spawn(process.execPath, ["--import", "tsx", "scripts/deploy.ts", ...stage.args, ...args], {
    env: { ...process.env, ...stage.environment, ...options.environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const ended = new Promise<number | null>((resolve) => {
    child.once("close", (code) => {
      resolve(code);
    });
  });
  if (options.killAtNonce !== undefined) {
    const { killAtNonce } = options;
    const isDue = async (): Promise<boolean> =>
      (await stage.provider.getTransactionCount(stage.deployer.address, "pending")) >= killAtNonce;
    while (child.exitCode === null && !(await isDue())) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    child.kill("SIGKILL");
  }
  return { status: await ended, stdout, stderr };
}
