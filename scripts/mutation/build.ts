import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { Artifact } from "@nomicfoundation/edr";
import hre from "hardhat";
import { z } from "zod";

/** A deployable contract or a test as the build made it. */
export interface Built {
  readonly artifact: Artifact;
  readonly isTest: boolean;
}

/** What Hardhat built, read back from its folders. */
export interface Build {
  readonly artifacts: readonly Built[];
  /** Text by the name that the compiler knows the source by. */
  readonly sources: ReadonlyMap<string, string>;
  readonly remappings: readonly string[];
}

const links = z.record(z.string(), z.record(z.string(), z.array(z.object({ start: z.number(), length: z.number() }))));

const artifactFile = z.object({
  contractName: z.string(),
  sourceName: z.string(),
  inputSourceName: z.string().optional(),
  abi: z.array(z.object({ type: z.string(), name: z.string().optional() }).loose()),
  bytecode: z.string(),
  deployedBytecode: z.string(),
  linkReferences: links,
  deployedLinkReferences: links,
  buildInfoId: z.string(),
});

const buildInfoFile = z.object({
  solcVersion: z.string(),
  input: z.object({
    sources: z.record(z.string(), z.object({ content: z.string() })),
    settings: z.object({ remappings: z.array(z.string()).default([]) }),
  }),
});

/** Builds the tests too, and reads all that there is. */
export async function readBuild(): Promise<Build> {
  await hre.tasks.getTask("build").run({ noContracts: true, quiet: true });
  const artifacts: Built[] = [];
  const sources = new Map<string, string>();
  const remappings = new Set<string>();
  for (const scope of ["contracts", "tests"] as const) {
    const folder = await hre.solidity.getArtifactsDirectory(scope);
    const found = artifactsIn(folder).map((path) => artifactFile.parse(JSON.parse(readFileSync(path, "utf8"))));
    const versions = new Map<string, string>();
    for (const id of new Set(found.map(({ buildInfoId }) => buildInfoId))) {
      const info = buildInfoFile.parse(JSON.parse(readFileSync(join(folder, "build-info", `${id}.json`), "utf8")));
      versions.set(id, info.solcVersion);
      for (const [name, { content }] of Object.entries(info.input.sources)) sources.set(name, content);
      for (const remapping of info.input.settings.remappings) remappings.add(remapping);
    }
    for (const one of found) {
      artifacts.push({ isTest: scope === "tests", artifact: forEdr(one, versions.get(one.buildInfoId) ?? "") });
    }
  }
  return { artifacts, sources, remappings: [...remappings] };
}

function artifactsIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => /\.sol[\\/][^\\/]+\.json$/.test(path))
    .sort()
    .map((path) => join(folder, path));
}

function forEdr(file: z.infer<typeof artifactFile>, solcVersion: string): Artifact {
  return {
    id: { name: file.contractName, source: file.inputSourceName ?? file.sourceName, solcVersion },
    contract: {
      abi: JSON.stringify(file.abi),
      bytecode: file.bytecode,
      linkReferences: file.linkReferences,
      deployedBytecode: file.deployedBytecode,
      deployedLinkReferences: file.deployedLinkReferences,
    },
  };
}
