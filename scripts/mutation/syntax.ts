/** A node of solc's AST, of Solidity or of Yul. What else it has depends on its type. */
export interface SyntaxNode {
  readonly nodeType: string;
  /** `start:length:file`, in bytes. */
  readonly src: string;
  readonly [member: string]: unknown;
}

/** Where a node stands: in which of its parent's members, and whether arithmetic is unchecked there. */
export interface Place {
  readonly parent: SyntaxNode | undefined;
  readonly member: string;
  readonly unchecked: boolean;
}

/** Half-open, in bytes. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Types, inherited constructors' names and documentation: nothing in there is code. */
const NOT_CODE = new Set([
  "typeName",
  "typeDescriptions",
  "documentation",
  "baseContracts",
  "overrides",
  "argumentTypes",
]);

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === "object" && value !== null && "nodeType" in value && "src" in value;
}

export function nodeAt(node: SyntaxNode, member: string): SyntaxNode | undefined {
  const value = node[member];
  return isNode(value) ? value : undefined;
}

export function nodesAt(node: SyntaxNode, member: string): SyntaxNode[] {
  const value = node[member];
  return Array.isArray(value) ? value.filter(isNode) : [];
}

export function textAt(node: SyntaxNode, member: string): string {
  const value = node[member];
  return typeof value === "string" ? value : "";
}

export function rangeOf(node: SyntaxNode): Range {
  const [start, length] = node.src.split(":").map(Number);
  if (start === undefined || length === undefined || Number.isNaN(start + length)) {
    throw new Error(`a node without a place in its source: ${node.src}`);
  }
  return { start, end: start + length };
}

/** The type of an expression, as the compiler names it, or nothing. */
export function typeOf(node: SyntaxNode, as: "typeString" | "typeIdentifier" = "typeString"): string {
  const described = node["typeDescriptions"];
  if (typeof described !== "object" || described === null) return "";
  const value: unknown = Reflect.get(described, as);
  return typeof value === "string" ? value : "";
}

/** Visits `node` and what is below it, parents first. */
export function walk(
  node: SyntaxNode,
  visit: (node: SyntaxNode, place: Place) => void,
  place: Place = { parent: undefined, member: "", unchecked: false },
): void {
  visit(node, place);
  const unchecked = place.unchecked || node.nodeType === "UncheckedBlock";
  for (const [member, value] of Object.entries(node)) {
    if (NOT_CODE.has(member)) continue;
    for (const child of Array.isArray(value) ? value : [value]) {
      if (isNode(child)) walk(child, visit, { parent: node, member, unchecked });
    }
  }
}
