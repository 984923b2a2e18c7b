import { createRequire } from "node:module";

import { isNode, type SyntaxNode } from "./syntax.ts";

/** How the compiler is set. */
export interface Settings {
  readonly viaIR: boolean;
  readonly optimizer: object;
}

/** As quickly as the compiler can: these contracts need the new pipeline for their stacks, and no optimizer. */
export const QUICK: Settings = {
  viaIR: true,
  optimizer: { enabled: false, details: { yul: true, yulDetails: { optimizerSteps: "" } } },
};

/** As tests are built. */
export const TEST: Settings = { viaIR: false, optimizer: { enabled: false } };

/** As contracts are built: what differs in the source and not here does not differ. */
export const THOROUGH: Settings = { viaIR: true, optimizer: { enabled: true, runs: 5_000 } };

/** Both codes of a contract in hex, without the compiler's metadata. */
export interface Code {
  readonly bytecode: string;
  readonly deployedBytecode: string;
}

/** A contract by its source's name and its own. */
export interface Unit {
  readonly source: string;
  readonly name: string;
}

interface Output {
  readonly errors?: readonly {
    readonly severity: string;
    readonly formattedMessage?: string;
    readonly message: string;
  }[];
  readonly sources?: Readonly<Record<string, { readonly ast: unknown }>>;
  readonly contracts?: Readonly<
    Record<string, Readonly<Record<string, { readonly evm: Record<keyof Code, { readonly object: string }> }>>>
  >;
}

/** The compiler refused the sources. */
export class CompilerError extends Error {}

export type Sources = Readonly<Record<string, string>>;

// Loaded by `require`: as a module, its types do not say that it is a function's owner.
const solc = createRequire(import.meta.url)("solc") as { compile(input: string): string };

/** One contract's code, or `CompilerError`. */
export function compile(unit: Unit, sources: Sources, remappings: readonly string[], settings: Settings): Code {
  const codes = ["evm.bytecode.object", "evm.deployedBytecode.object"];
  const output = run(sources, remappings, {
    ...settings,
    metadata: { appendCBOR: false },
    outputSelection: { [unit.source]: { [unit.name]: codes } },
  });
  const evm = output.contracts?.[unit.source]?.[unit.name]?.evm;
  if (evm === undefined) throw new CompilerError(`no code for ${unit.name}`);
  return { bytecode: `0x${evm.bytecode.object}`, deployedBytecode: `0x${evm.deployedBytecode.object}` };
}

/** Every source's tree. */
export function parse(sources: Sources, remappings: readonly string[]): Map<string, SyntaxNode> {
  const output = run(sources, remappings, { outputSelection: { "*": { "": ["ast"] } } });
  const trees = new Map<string, SyntaxNode>();
  for (const [name, { ast }] of Object.entries(output.sources ?? {})) {
    if (!isNode(ast)) throw new CompilerError(`no tree of ${name}`);
    trees.set(name, ast);
  }
  return trees;
}

function run(sources: Sources, remappings: readonly string[], settings: object): Output {
  const contents = Object.fromEntries(Object.entries(sources).map(([name, content]) => [name, { content }]));
  const input = {
    language: "Solidity",
    sources: contents,
    settings: { evmVersion: "osaka", remappings, ...settings },
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input))) as Output;
  const error = output.errors?.find(({ severity }) => severity === "error");
  if (error !== undefined) throw new CompilerError(error.formattedMessage ?? error.message);
  return output;
}
