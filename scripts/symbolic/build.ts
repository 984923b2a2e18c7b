import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, posix } from "node:path";

import { z } from "zod";

const codeSchema = z.object({ object: z.string(), linkReferences: z.record(z.string(), z.unknown()) });

const outputSchema = z.object({
  errors: z.array(z.object({ severity: z.string(), formattedMessage: z.string() })).default([]),
  sources: z.record(z.string(), z.object({ id: z.number(), ast: z.unknown() })),
  contracts: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        abi: z.array(z.unknown()),
        metadata: z.string(),
        evm: z.object({
          bytecode: codeSchema,
          deployedBytecode: codeSchema,
          methodIdentifiers: z.record(z.string(), z.string()),
        }),
      }),
    ),
  ),
});

interface Compiler {
  compile(input: string, callbacks: { import: (path: string) => { contents: string } | { error: string } }): string;
}

/** A source with one place changed, as `scripts/symbolic/planted.ts` has them. */
export interface Change {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/**
 * Has the compiler of the npm package build the checks as contracts are built, and writes what it made where Halmos looks for a build
 * of Foundry's: `<file>.sol/<contract>.json` (Halmos 0.3, `halmos/build.py`).
 * @param root The repository.
 * @param files Checks, from `root`, with slashes.
 * @param folder Made anew.
 * @param change What is planted in one source; nothing on disk changes.
 * @throws Error with the compiler's messages if the checks do not compile, or if there is nothing to change.
 */
export function writeHalmosBuild(root: string, files: readonly string[], folder: string, change?: Change): void {
  // solc is CommonJS, and its types say nothing of `import`.
  const solc = createRequire(import.meta.url)("solc") as Compiler;
  const read = (path: string): string => {
    const source = readFileSync(join(root, path), "utf8");
    return change?.file === path ? changed(source, change) : source;
  };
  const sources = Object.fromEntries(files.map((path) => [path, { content: read(path) }]));
  const codes = ["object", "linkReferences"].flatMap((part) =>
    ["bytecode", "deployedBytecode"].map((code) => `evm.${code}.${part}`),
  );
  const settings = {
    evmVersion: "osaka",
    viaIR: true,
    optimizer: { enabled: true, runs: 5_000 },
    outputSelection: { "*": { "": ["ast"], "*": ["abi", "metadata", "evm.methodIdentifiers", ...codes] } },
  };
  const answer = solc.compile(JSON.stringify({ language: "Solidity", sources, settings }), {
    import: (path) => {
      try {
        return { contents: read(path) };
      } catch (cause) {
        return { error: `${path}: ${String(cause)}` };
      }
    },
  });
  const output = outputSchema.parse(JSON.parse(answer));
  const failures = output.errors.filter(({ severity }) => severity === "error");
  if (failures.length > 0) throw new Error(failures.map(({ formattedMessage }) => formattedMessage).join("\n"));

  rmSync(folder, { recursive: true, force: true });
  for (const [path, members] of Object.entries(output.contracts)) {
    const place = join(folder, posix.basename(path));
    mkdirSync(place, { recursive: true });
    for (const [name, { abi, metadata, evm }] of Object.entries(members)) {
      const artifact = { abi, ...evm, metadata: z.unknown().parse(JSON.parse(metadata)), ...output.sources[path] };
      writeFileSync(join(place, `${name}.json`), JSON.stringify(artifact));
    }
  }
}

function changed(source: string, { file, from, to }: Change): string {
  if (source.split(from).length !== 2) throw new Error(`${file} has not exactly one "${from}"`);
  return source.replace(from, () => to);
}
