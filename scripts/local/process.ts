import { type ChildProcess, spawn } from "node:child_process";

/** A part of the local stack, as a process of its own. */
export interface Part {
  readonly name: string;
  readonly child: ChildProcess;
  readonly url: string;
  readonly exited: Promise<number | null>;
  /** The end of what it printed to standard error. */
  printed(): string;
  stop(): Promise<void>;
}

/** Starts a TypeScript file and waits until it tells its URL. @throws Error with what it printed if it ends before. */
export async function startPart(
  name: string,
  script: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Part> {
  const child = spawn(process.execPath, ["--import", "tsx", script, ...args], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let tail = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    tail = (tail + chunk.toString()).slice(-4_000);
  });
  const exited = new Promise<number | null>((resolve) => {
    child.once("exit", (code) => {
      resolve(code);
    });
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.once("message", (message: { url: string }) => {
      resolve(message.url);
    });
    void exited.then((code) => {
      reject(new Error(`The ${name} did not start (exit status ${code}):\n${tail}`));
    });
  });
  return {
    name,
    child,
    url,
    exited,
    printed: () => tail,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGTERM");
      const limit = setTimeout(() => child.kill("SIGKILL"), 15_000);
      await exited;
      clearTimeout(limit);
    },
  };
}
