import type { Artifact, ArtifactId } from "@nomicfoundation/edr";

import type { Build } from "./build.ts";
import { parse, type Sources, type Unit } from "./compiler.ts";
import { nodesAt, type SyntaxNode, textAt } from "./syntax.ts";

/** A test contract. */
export interface Suite {
  readonly id: ArtifactId;
  /** What it deploys as the build made it: `Ledger.sol:Ledger`. */
  readonly deploys: readonly string[];
}

/** All that a mutant is tried with. Plain data, so that it can be handed to another process. */
export interface Workbench {
  readonly artifacts: readonly Artifact[];
  readonly suites: readonly Suite[];
  /** The contracts that are mutated, with what they import: each can be deployed. First what most suites deploy. */
  readonly contracts: readonly Unit[];
  readonly sources: Sources;
  /** By source: itself and everything that it imports. */
  readonly closures: Readonly<Record<string, readonly string[]>>;
  readonly remappings: readonly string[];
}

/** Not mocks, and nothing that has no code: interfaces and types. */
const MUTATED = /^project\/(contracts\/(?:(?:schemes|libraries)\/)?[A-Za-z0-9]+\.sol)$/;

/** The path in the repository of a source that is mutated. */
export function mutatedPath(source: string): string | undefined {
  return MUTATED.exec(source)?.[1];
}

export function sourceOf(path: string): string {
  return `project/${path}`;
}

/** @return The workbench, and every source's tree. */
export function setUp(build: Build): { workbench: Workbench; trees: Map<string, SyntaxNode> } {
  const sources = Object.fromEntries(build.sources);
  const trees = parse(sources, build.remappings);
  const closures = Object.fromEntries([...trees.keys()].map((name) => [name, [...closureOf(name, trees)].sort()]));
  const withCode = build.artifacts.filter(({ artifact }) => artifact.contract.bytecode !== "0x");
  const suites = withCode
    .filter(({ isTest, artifact }) => isTest && isSuite(artifact))
    .map(({ artifact: { id } }) => ({ id, deploys: deployedIn(closures[id.source] ?? [], sources) }));
  const contracts = withCode
    .filter(({ isTest, artifact }) => !isTest && /^project\/contracts\/(schemes\/)?[^/]+$/.test(artifact.id.source))
    .map(({ artifact: { id } }) => ({ source: id.source, name: id.name }))
    .sort((one, other) => usersOf(other, suites) - usersOf(one, suites));
  const artifacts = build.artifacts.map(({ artifact }) => artifact);
  return { workbench: { artifacts, suites, contracts, sources, closures, remappings: build.remappings }, trees };
}

function usersOf(unit: Unit, suites: readonly Suite[]): number {
  return suites.filter(({ deploys }) => deploys.includes(deployedName(unit))).length;
}

/** How tests name a contract that they deploy. */
export function deployedName({ source, name }: Unit): string {
  return `${source.slice(source.lastIndexOf("/") + 1)}:${name}`;
}

/** A source's part of all sources: what the compiler needs to compile it. */
export function partOf({ closures, sources }: Workbench, source: string): Record<string, string> {
  return Object.fromEntries((closures[source] ?? []).map((name) => [name, sources[name] ?? ""]));
}

function closureOf(source: string, trees: ReadonlyMap<string, SyntaxNode>, found = new Set<string>()): Set<string> {
  if (found.has(source)) return found;
  found.add(source);
  const tree = trees.get(source);
  const imports =
    tree === undefined ? [] : nodesAt(tree, "nodes").filter((node) => node.nodeType === "ImportDirective");
  for (const node of imports) closureOf(textAt(node, "absolutePath"), trees, found);
  return found;
}

function deployedIn(names: readonly string[], sources: Sources): string[] {
  const tests = names.filter((name) => name.startsWith("project/test/"));
  const found = tests.flatMap((name) => [...(sources[name] ?? "").matchAll(/"([A-Za-z0-9]+\.sol:[A-Za-z0-9]+)"/g)]);
  return [...new Set(found.map(([, name]) => name ?? ""))].sort();
}

function isSuite({ contract }: Artifact): boolean {
  const abi = JSON.parse(contract.abi) as { readonly type: string; readonly name?: string }[];
  return abi.some(({ type, name }) => type === "function" && /^(test|invariant)/.test(name ?? ""));
}
