import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";

/** Where the checks are. */
export const CHECKS = "test/symbolic";

/** A function of a check's contract that Halmos proves or refutes. */
export interface Check {
  /** From the repository, with slashes. */
  readonly file: string;
  readonly contract: string;
  /** As Halmos names it, `check_RoundsForThePayee(uint128,uint16)`. */
  readonly signature: string;
  /** `Fees.RoundsForThePayee`. */
  readonly name: string;
  /** What holds if it is proved: its `@notice`. */
  readonly proves: string;
  /** All values of these: `uint128 amount, uint16 bps`. */
  readonly over: string;
  /** What is assumed of them beside, from its `@custom:where`; empty if nothing is. */
  readonly where: string;
}

const CHECK = /((?:^ *\/\/\/.*\n)*)^ *function (check_(\w+))\(([^)]*)\)([^{]*)/gm;

/**
 * All checks, by file and in its order.
 * @param root The repository.
 * @throws Error if one does not say what it proves.
 */
export function checksOf(root: string): Check[] {
  return readdirSync(join(root, CHECKS))
    .filter((name) => name.endsWith(".sol"))
    .sort()
    .flatMap((name) => checksIn(posix.join(CHECKS, name), readFileSync(join(root, CHECKS, name), "utf8")));
}

export function checksIn(file: string, source: string): Check[] {
  const contract = /^contract (\w+)Check is Symbolic/m.exec(source)?.[1];
  return [...source.matchAll(CHECK)].map(([, comment = "", func = "", title = "", parameters = "", modifiers = ""]) => {
    if (contract === undefined || !/\bexternal\b/.test(modifiers))
      throw new Error(
        `${file}: Halmos would not find ${func}: it has to be external, in a contract XCheck is Symbolic`,
      );
    const over = parameters.trim().split(/\s*,\s*/);
    const types = over.map((parameter) => parameter.split(" ")[0]);
    const proves = tagged(comment, "notice");
    if (proves === "") throw new Error(`${file}: ${func} does not say what it proves`);
    return {
      file,
      contract: `${contract}Check`,
      signature: `${func}(${types.join(",")})`,
      name: `${contract}.${title}`,
      proves,
      over: over.join(", "),
      where: tagged(comment, "custom:where"),
    };
  });
}

/** What a comment says under a tag, up to the next one. */
function tagged(comment: string, tag: string): string {
  const text = comment.replace(/^ *\/\/\/ ?/gm, "").replace(/\s+/g, " ");
  const start = text.indexOf(`@${tag} `);
  return start === -1 ? "" : (text.slice(start + tag.length + 2).split(/ @(?=[a-z])/)[0] ?? "").trim();
}
