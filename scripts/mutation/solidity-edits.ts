import { type Edit, neighboursOf, type Operator, textOf } from "./edits.ts";
import { isNode, nodeAt, nodesAt, type Place, type Range, rangeOf, type SyntaxNode, textAt, typeOf } from "./syntax.ts";

const SWAPS: Record<string, readonly [Operator, ...string[]]> = {
  "+": ["arithmetic", "-"],
  "-": ["arithmetic", "+"],
  "*": ["arithmetic", "/"],
  "/": ["arithmetic", "*"],
  "%": ["arithmetic", "*"],
  "**": ["arithmetic", "*"],
  "<": ["comparison", "<=", ">"],
  "<=": ["comparison", "<", ">="],
  ">": ["comparison", ">=", "<"],
  ">=": ["comparison", ">", "<="],
  "==": ["comparison", "!="],
  "!=": ["comparison", "=="],
  "&&": ["logical", "||"],
  "||": ["logical", "&&"],
  "&": ["bitwise", "|"],
  "|": ["bitwise", "&"],
  "^": ["bitwise", "&"],
  "<<": ["shift", ">>"],
  ">>": ["shift", "<<"],
  "+=": ["arithmetic", "-="],
  "-=": ["arithmetic", "+="],
  "*=": ["arithmetic", "/="],
  "/=": ["arithmetic", "*="],
  "|=": ["bitwise", "&="],
  "&=": ["bitwise", "|="],
};

const UNARY: Record<string, readonly [Operator, string]> = {
  "++": ["arithmetic", "--"],
  "--": ["arithmetic", "++"],
  "-": ["negation", ""],
  "!": ["negation", ""],
  "~": ["negation", ""],
};

/** Enums by the id of each of their members. */
export type Enums = ReadonlyMap<number, readonly string[]>;

/** The mistakes that can be made at one node of Solidity. */
export function solidityEdits(node: SyntaxNode, place: Place, source: Buffer, enums: Enums): Edit[] {
  switch (node.nodeType) {
    case "BinaryOperation":
      return infix(node, "leftExpression", "rightExpression", source);
    case "Assignment":
      return infix(node, "leftHandSide", "rightHandSide", source);
    case "UnaryOperation":
      return unary(node);
    case "Conditional":
      return fixed(nodeAt(node, "condition"), "true", "false");
    case "IfStatement":
      return fixed(nodeAt(node, "condition"), "true", "false");
    case "WhileStatement":
    case "ForStatement":
      return fixed(nodeAt(node, "condition"), "false");
    case "FunctionCall":
      return [...required(node), ...swapped(node, source)];
    case "Literal":
      return literal(node, source);
    case "MemberAccess":
      return member(node, enums, source);
    case "ExpressionStatement":
      return [...removed(node, place), ...uncheckedStatement(node, place, source)];
    case "EmitStatement":
    case "RevertStatement":
    case "Continue":
    case "Break":
      return [without(node, "statement")];
    case "Return":
      return nodeAt(node, "expression") === undefined ? [] : [without(node, "return"), ...otherAnswer(node, source)];
    case "ModifierInvocation":
      return textAt(node, "kind") === "modifierInvocation"
        ? [{ ...rangeOf(node), operator: "modifier", replacement: "" }]
        : [];
    default:
      return [];
  }
}

/** Another operator, and, where both sides are conditions, either of them alone. */
function infix(node: SyntaxNode, left: string, right: string, source: Buffer): Edit[] {
  const [before, after] = [nodeAt(node, left), nodeAt(node, right)];
  const operator = textAt(node, "operator");
  const swap = SWAPS[operator];
  if (before === undefined || after === undefined || swap === undefined) return [];
  const [kind, ...others] = swap;
  const between = { start: rangeOf(before).end, end: rangeOf(after).start };
  const offset = textOf(source, between).indexOf(operator);
  const start = between.start + Buffer.byteLength(textOf(source, between).slice(0, offset));
  const edits: Edit[] = others.map((replacement) => ({
    start,
    end: start + operator.length,
    operator: kind,
    replacement,
  }));
  if (kind === "logical") {
    for (const side of [before, after]) {
      edits.push({ ...rangeOf(node), operator: "condition", replacement: textOf(source, rangeOf(side)) });
    }
  }
  return edits;
}

function unary(node: SyntaxNode): Edit[] {
  const operator = textAt(node, "operator");
  const other = UNARY[operator];
  if (other === undefined) return [];
  const { start, end } = rangeOf(node);
  const at = node["prefix"] === true ? start : end - operator.length;
  return [{ start: at, end: at + operator.length, operator: other[0], replacement: other[1] }];
}

function fixed(condition: SyntaxNode | undefined, ...answers: string[]): Edit[] {
  if (condition === undefined || condition.nodeType === "Literal") return [];
  return answers.map((replacement) => ({ ...rangeOf(condition), operator: "condition", replacement }));
}

/** A check that is not made. One that always fails is not tried: whatever reaches it would notice. */
function required(node: SyntaxNode): Edit[] {
  return isRequire(node) ? fixed(nodesAt(node, "arguments")[0], "true") : [];
}

function isRequire(node: SyntaxNode | undefined): boolean {
  const called = node === undefined ? undefined : nodeAt(node, "expression");
  return called?.nodeType === "Identifier" && textAt(called, "name") === "require";
}

/** Each argument and the next one of its type, one for the other. */
function swapped(node: SyntaxNode, source: Buffer): Edit[] {
  const args = nodesAt(node, "arguments");
  const edits: Edit[] = [];
  for (const [index, argument] of args.entries()) {
    const type = typeOf(argument, "typeIdentifier");
    const next = args.slice(index + 1).find((other) => typeOf(other, "typeIdentifier") === type);
    if (next === undefined || type === "") continue;
    const [first, second] = [rangeOf(argument), rangeOf(next)];
    const between = textOf(source, { start: first.end, end: second.start });
    if (textOf(source, first) === textOf(source, second)) continue;
    edits.push({
      start: first.start,
      end: second.end,
      operator: "arguments",
      replacement: textOf(source, second) + between + textOf(source, first),
    });
  }
  return edits;
}

function literal(node: SyntaxNode, source: Buffer): Edit[] {
  const range = rangeOf(node);
  const text = textOf(source, range);
  if (textAt(node, "kind") === "bool") {
    return [{ ...range, operator: "constant", replacement: text === "true" ? "false" : "true" }];
  }
  if (textAt(node, "kind") !== "number") return [];
  const [digits = "", ...unit] = text.split(/\s+/);
  return neighboursOf(digits).map((number) => ({
    ...range,
    operator: "constant",
    replacement: [number, ...unit].join(" "),
  }));
}

/** The next member of an enum instead of this one; instead of the last, the first. */
function member(node: SyntaxNode, enums: Enums, source: Buffer): Edit[] {
  const declared = node["referencedDeclaration"];
  const members = typeof declared === "number" ? enums.get(declared) : undefined;
  const holder = nodeAt(node, "expression");
  if (members === undefined || holder === undefined) return [];
  const next = members[(members.indexOf(textAt(node, "memberName")) + 1) % members.length] ?? "";
  return [{ ...rangeOf(node), operator: "member", replacement: `${textOf(source, rangeOf(holder))}.${next}` }];
}

/** A statement that is left out. A check is left out by its condition, a loop's step by its operator. */
function removed(node: SyntaxNode, place: Place): Edit[] {
  if (place.parent?.nodeType === "ForStatement" && place.member !== "body") return [];
  if (isRequire(nodeAt(node, "expression"))) return [];
  return [without(node, "statement")];
}

function without(node: SyntaxNode, operator: Operator): Edit {
  return { ...statement(node), operator, replacement: "{}" };
}

/** The compiler counts a simple statement without its semicolon, but braces with one behind them are not one statement. */
function statement(node: SyntaxNode): Range {
  const { start, end } = rangeOf(node);
  return { start, end: end + 1 };
}

/** Arithmetic that no longer notices an overflow. */
function uncheckedStatement(node: SyntaxNode, place: Place, source: Buffer): Edit[] {
  const range = statement(node);
  const isInBlock = place.parent?.nodeType === "Block";
  const isArithmetic = hasArithmetic(node) && !isRequire(nodeAt(node, "expression"));
  if (!isInBlock || place.unchecked || !isArithmetic) return [];
  return [{ ...range, operator: "unchecked", replacement: `unchecked { ${textOf(source, range)} }` }];
}

function hasArithmetic(node: SyntaxNode): boolean {
  if (/^([+*-]=|[+*-]|\+\+|--)$/.test(textAt(node, "operator"))) return true;
  const children = Object.values(node).flat();
  return children.some((child) => isNode(child) && hasArithmetic(child));
}

/** What is not said by leaving the answer out: that is the default of its type. */
function otherAnswer(node: SyntaxNode, source: Buffer): Edit[] {
  const answer = nodeAt(node, "expression");
  if (answer === undefined || answer.nodeType === "Literal" || typeOf(answer) !== "bool") return [];
  // The other operator says the same.
  if (["==", "!=", "!"].includes(textAt(answer, "operator"))) return [];
  return [{ ...rangeOf(answer), operator: "return", replacement: `!(${textOf(source, rangeOf(answer))})` }];
}
