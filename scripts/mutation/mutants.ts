import { createHash } from "node:crypto";

import { type Edit, textOf } from "./edits.ts";
import { type Enums, solidityEdits } from "./solidity-edits.ts";
import { isNode, nodesAt, type SyntaxNode, textAt, walk } from "./syntax.ts";
import { yulEdits } from "./yul-edits.ts";

/** A file with one mistake. */
export interface Mutant extends Edit {
  /** File, range, operator and replacement: the same as long as the file is. */
  readonly id: string;
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** What the replacement stands for. */
  readonly original: string;
}

/** Every mutant of a file, in the order of its text. */
export function mutantsOf(file: string, source: Buffer, ast: SyntaxNode, enums: Enums): Mutant[] {
  const edits = new Map<string, Edit>();
  walk(ast, (node, place) => {
    const found = node.nodeType.startsWith("Yul")
      ? yulEdits(node, place, source)
      : solidityEdits(node, place, source, enums);
    for (const edit of found) {
      const what = `${edit.start}-${edit.end}:${edit.replacement}`;
      if (!edits.has(what) && textOf(source, edit) !== edit.replacement) edits.set(what, edit);
    }
  });
  return [...edits.values()]
    .sort(
      (one, other) => one.start - other.start || one.end - other.end || (one.replacement < other.replacement ? -1 : 1),
    )
    .map((edit) => ({
      ...edit,
      file,
      id: `${file}:${edit.start}-${edit.end}:${edit.operator}:${digest(edit.replacement).slice(0, 6)}`,
      line: textOf(source, { start: 0, end: edit.start }).split("\n").length,
      original: textOf(source, edit),
    }));
}

/** The file as the mutant has it. */
export function mutated(source: Buffer, { start, end, replacement }: Edit): string {
  return Buffer.concat([source.subarray(0, start), Buffer.from(replacement), source.subarray(end)]).toString("utf8");
}

/** The members of every enum that is declared in these trees, by each member's id. */
export function enumsOf(trees: Iterable<SyntaxNode>): Enums {
  const enums = new Map<number, readonly string[]>();
  for (const tree of trees) {
    walk(tree, (node) => {
      if (!isNode(node) || node.nodeType !== "EnumDefinition") return;
      const members = nodesAt(node, "members");
      const names = members.map((member) => textAt(member, "name"));
      for (const { id } of members) if (typeof id === "number") enums.set(id, names);
    });
  }
  return enums;
}

/** `count` of the mutants, chosen by the seed alone: a mutant that is in a sample stays in it when others come or go. */
export function sampleOf(mutants: readonly Mutant[], count: number, seed: number): Mutant[] {
  const chosen = [...mutants]
    .map((mutant) => ({ mutant, rank: digest(`${seed}:${mutant.id}`) }))
    .sort((one, other) => (one.rank < other.rank ? -1 : 1))
    .slice(0, count);
  const kept = new Set(chosen.map(({ mutant }) => mutant.id));
  return mutants.filter(({ id }) => kept.has(id));
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
