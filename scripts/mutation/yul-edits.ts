import { type Edit, neighboursOf, type Operator, textOf } from "./edits.ts";
import { nodeAt, nodesAt, type Place, rangeOf, type SyntaxNode, textAt } from "./syntax.ts";

const SWAPS: Record<string, readonly [Operator, string]> = {
  add: ["arithmetic", "sub"],
  sub: ["arithmetic", "add"],
  mul: ["arithmetic", "div"],
  div: ["arithmetic", "mul"],
  mod: ["arithmetic", "mul"],
  lt: ["comparison", "gt"],
  gt: ["comparison", "lt"],
  eq: ["comparison", "xor"],
  and: ["bitwise", "or"],
  or: ["bitwise", "and"],
  xor: ["bitwise", "and"],
  shl: ["shift", "shr"],
  shr: ["shift", "shl"],
};

/** The mistakes that can be made at one node of Yul, the language of assembly blocks. */
export function yulEdits(node: SyntaxNode, place: Place, source: Buffer): Edit[] {
  const range = rangeOf(node);
  switch (node.nodeType) {
    case "YulFunctionCall":
      return called(node, source);
    case "YulLiteral":
      if (textAt(node, "kind") !== "number") return [];
      return neighboursOf(textOf(source, range)).map((replacement) => ({
        ...range,
        operator: "constant",
        replacement,
      }));
    case "YulAssignment":
    case "YulExpressionStatement":
      return place.parent?.nodeType === "YulBlock" ? [{ ...range, operator: "statement", replacement: "{}" }] : [];
    case "YulIf": {
      const condition = nodeAt(node, "condition");
      if (condition === undefined) return [];
      return ["1", "0"].map((replacement) => ({ ...rangeOf(condition), operator: "condition", replacement }));
    }
    default:
      return [];
  }
}

function called(node: SyntaxNode, source: Buffer): Edit[] {
  const name = nodeAt(node, "functionName");
  const [argument] = nodesAt(node, "arguments");
  if (name === undefined || argument === undefined) return [];
  if (textAt(name, "name") === "iszero") {
    return [{ ...rangeOf(node), operator: "negation", replacement: textOf(source, rangeOf(argument)) }];
  }
  const swap = SWAPS[textAt(name, "name")];
  return swap === undefined ? [] : [{ ...rangeOf(name), operator: swap[0], replacement: swap[1] }];
}
