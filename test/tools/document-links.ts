import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

export interface DocumentLink {
  /** As it is written, with its marks. */
  readonly text: string;
  readonly target: string;
}

/** Every document of the repository, from its root. */
export function documents(): string[] {
  const inDocs = readdirSync("docs", { recursive: true, encoding: "utf8" }).map((file) => join("docs", file));
  return [...readdirSync("."), ...inDocs].filter((file) => file.endsWith(".md")).sort();
}

/** What stands between fences, in order. */
export function codeBlocks(markdown: string): string[] {
  return [...markdown.matchAll(/^```\w*\n([\s\S]*?)^```$/gm)].map(([, code]) => code ?? "");
}

/** Links outside of code blocks, those to other sites among them. */
export function linksIn(markdown: string): DocumentLink[] {
  const prose = markdown.replace(/^```[\s\S]*?^```$/gm, "");
  return [...prose.matchAll(/\[((?:`[^`]*`|[^[\]`])*)\]\(([^()\s]+)\)/g)].map(([, text, target]) => {
    return { text: text ?? "", target: target ?? "" };
  });
}

/** Where a link leads to in the repository; undefined of one to another site. */
export function pathOf(
  file: string,
  { target }: DocumentLink,
): { path: string; anchor: string | undefined } | undefined {
  if (/^[a-z]+:/.test(target)) return undefined;
  const [path = "", anchor] = target.split("#");
  return { path: path === "" ? file : join(dirname(file), path), anchor };
}

/** The anchors of a document's headings, as GitHub and GitLab make them. */
export function anchorsOf(markdown: string): Set<string> {
  const prose = markdown.replace(/^```[\s\S]*?^```$/gm, "");
  const headings = [...prose.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading]) => heading ?? "");
  return new Set(
    headings.map((heading) =>
      heading
        .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, "")
        .trim()
        .replace(/ /g, "-"),
    ),
  );
}

/** What is wrong with a link to something in the repository; undefined if nothing is. */
export function faultOf(file: string, link: DocumentLink): string | undefined {
  const place = pathOf(file, link);
  if (place === undefined) return undefined;
  const { path, anchor } = place;
  if (!existsSync(path)) return `${path} is not there`;
  if (path.endsWith(".md") && anchor !== undefined) {
    return anchorsOf(readFileSync(path, "utf8")).has(anchor) ? undefined : `${path} has no heading #${anchor}`;
  }
  return namesWhatIsThere(link.text, path) ? undefined : `${path} has no ${link.text}`;
}

/**
 * A link to a source file whose text is `code` names something of that file, one whose text is "quoted" a test of it. Of a test whose
 * title is put together, a part will do.
 */
function namesWhatIsThere(text: string, path: string): boolean {
  if (!/\.(sol|ts|tsx|mjs)$/.test(path)) return true;
  const symbol = /^`(?:\w+\.)*(\w+)`$/.exec(text)?.[1];
  const source = readFileSync(path, "utf8");
  if (symbol !== undefined) {
    const isTest = path.endsWith(".t.sol");
    return new RegExp(isTest ? `function ${symbol}\\(` : `(?<![\\w.])${symbol}\\b`).test(source);
  }
  const title = /^"(.+)"$/.exec(text)?.[1];
  if (title === undefined) return true;
  const titles = [...source.matchAll(/\b(?:it|describe)\(\s*(["`])((?:(?!\1).)*)\1/g)].map(([, , name]) => name ?? "");
  return titles.some((name) => name === title || (name.includes("${") && name.includes(title)));
}
