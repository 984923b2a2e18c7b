import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, posix } from "node:path";

import { z } from "zod";

/** What Slither reads of Hardhat's build: https://hardhat.org/docs, `hh-sol-build-info-1` and its output. */
const BUILD = "corridor-analysis";

const outputSchema = z.object({
  errors: z.array(z.object({ severity: z.string(), formattedMessage: z.string() })).default([]),
  sources: z.record(z.string(), z.object({ id: z.number(), ast: z.unknown() })),
  contracts: z.record(z.string(), z.record(z.string(), z.object({ abi: z.array(z.unknown()) }))),
});

interface Compiler {
  version(): string;
  compile(input: string, callbacks: { import: (path: string) => { contents: string } | { error: string } }): string;
}

const NO_CODE = { object: "", sourceMap: "" };

/**
 * Has the compiler of the npm package read sources of this repository, and writes what it made of them where Slither looks
 * for a build of Hardhat's. Syntax trees only: Slither reads no bytecode, and to make it takes a minute.
 * @param root The repository.
 * @param sources Paths from `root`, with slashes; what they import comes from beside them or from `node_modules`.
 * @param folder From `root`; it is made anew.
 * @throws Error with the compiler's messages if the sources do not compile.
 */
export function writeSlitherBuild(root: string, sources: readonly string[], folder: string): void {
  // solc is CommonJS, and its types say nothing of `import`.
  const solc = createRequire(import.meta.url)("solc") as Compiler;
  const read = (path: string) => readFileSync(join(root, path), "utf8");
  const input = {
    language: "Solidity",
    sources: Object.fromEntries(sources.map((path) => [path, { content: read(path) }])),
    settings: {
      evmVersion: "osaka",
      viaIR: true,
      optimizer: { enabled: true },
      remappings: ["@openzeppelin/=node_modules/@openzeppelin/"],
      outputSelection: { "*": { "": ["ast"], "*": ["abi"] } },
    },
  };
  const answer = solc.compile(JSON.stringify(input), {
    import: (path) => {
      try {
        return { contents: read(path) };
      } catch {
        return { error: `${path} is not there` };
      }
    },
  });
  const { errors, sources: trees, contracts } = outputSchema.parse(JSON.parse(answer));
  const failures = errors.filter(({ severity }) => severity === "error");
  if (failures.length > 0) throw new Error(failures.map(({ formattedMessage }) => formattedMessage).join("\n"));

  const output = {
    sources: trees,
    contracts: Object.fromEntries(
      Object.entries(contracts).map(([file, members]) => [
        file,
        Object.fromEntries(
          Object.entries(members).map(([name, { abi }]) => [
            name,
            { abi, evm: { bytecode: NO_CODE, deployedBytecode: NO_CODE } },
          ]),
        ),
      ]),
    ),
  };
  const place = join(root, folder, "build-info");
  rmSync(join(root, folder), { recursive: true, force: true });
  mkdirSync(place, { recursive: true });
  const solcVersion = solc.version().split("+")[0];
  writeFileSync(join(place, `${BUILD}.json`), JSON.stringify({ id: BUILD, solcVersion, input }));
  writeFileSync(join(place, `${BUILD}.output.json`), JSON.stringify({ id: BUILD, output }));
}

/** The contracts that are deployed, and what they are made of: all but the mocks. */
export function analysedSources(root: string): string[] {
  return readdirSync(join(root, "contracts"), { recursive: true, encoding: "utf8" })
    .map((path) => posix.join("contracts", path.replaceAll("\\", "/")))
    .filter((path) => path.endsWith(".sol") && !path.startsWith("contracts/mocks/"))
    .sort();
}
