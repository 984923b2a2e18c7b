import { execFileSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";

import { type Deployment, parseDeployment } from "../../sdk/deployment.ts";

export function deploymentPath(folder: string, chainId: number): string {
  return join(folder, `${chainId}.json`);
}

/** @throws DeploymentError if there is a file that is no deployment */
export function readDeployment(folder: string, chainId: number): Deployment | undefined {
  const path = deploymentPath(folder, chainId);
  return existsSync(path) ? parseDeployment(readFileSync(path, "utf8")) : undefined;
}

/** Writes the file whole or not at all. @returns its path */
export function writeDeployment(folder: string, deployment: Deployment): string {
  const text = `${JSON.stringify(deployment, null, 2)}\n`;
  parseDeployment(text);
  mkdirSync(folder, { recursive: true });
  const path = deploymentPath(folder, deployment.chainId);
  const draft = `${path}.${process.pid}`;
  try {
    const file = openSync(draft, "w");
    try {
      writeSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(draft, path);
  } finally {
    rmSync(draft, { force: true });
  }
  return path;
}

/** The commit of the contracts' sources; null outside a repository, or if they were changed since. */
export function sourcesCommit(): string | null {
  try {
    const git = (...args: string[]): string => execFileSync("git", args, { encoding: "utf8", stdio: "pipe" }).trim();
    if (git("status", "--porcelain", "--", "contracts", "ignition/modules", "package-lock.json") !== "") return null;
    return git("rev-parse", "HEAD");
  } catch {
    return null;
  }
}
