/** An element and all that is in it, as text that is escaped already. */
export type Xml = string & { readonly xml: unique symbol };

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

/** What XML 1.0 cannot say at all, what turns text around, and breaks of lines. */
const UNSPEAKABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]/gu;

/**
 * Anybody's text as one line of at most `limit` characters: what cannot be said or would show otherwise than it is becomes a space.
 * @returns undefined if nothing is left.
 */
export function oneLine(text: string, limit: number): string | undefined {
  const clean = text.replace(UNSPEAKABLE, " ").replace(/\s+/g, " ").trim();
  const cut = Array.from(clean).slice(0, limit).join("").trim();
  return cut === "" ? undefined : cut;
}

/**
 * Writes an element. ISO 20022 orders its elements and has no mixed content, so text is enough, and a document of any length can be
 * written piece by piece.
 * @param content Text, which is escaped, or elements; `undefined` ones are left out. Nothing at all: no element.
 */
export function element(
  name: string,
  content: string | readonly (Xml | undefined)[] | undefined,
  attributes: Readonly<Record<string, string>> = {},
): Xml | undefined {
  if (content === undefined) return undefined;
  const inner = typeof content === "string" ? escaped(content) : content.filter((part) => part !== undefined).join("");
  if (inner === "") return undefined;
  return `<${name}${written(attributes)}>${inner}</${name}>` as Xml;
}

/** A document's start and end, between which elements are written. */
export function envelope(namespace: string, path: readonly string[]): { readonly start: string; readonly end: string } {
  const [root = "", ...rest] = path;
  const start = `<?xml version="1.0" encoding="UTF-8"?>\n<${root}${written({ xmlns: namespace })}>`;
  return {
    start: `${start}${rest.map((name) => `<${name}>`).join("")}`,
    end: [...path]
      .reverse()
      .map((name) => `</${name}>`)
      .join(""),
  };
}

function written(attributes: Readonly<Record<string, string>>): string {
  return Object.entries(attributes)
    .map(([name, value]) => ` ${name}="${escaped(value)}"`)
    .join("");
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? "");
}
