import { readFile } from "node:fs/promises";

/** What a contract of this repository compiles to. */
export interface ContractCode {
  /** Whether `code`, in small hexadecimal letters, is it. */
  isCodeOf(code: string): boolean;
}

/**
 * What the contract of an artifact compiles to, whatever its immutable members are.
 * @param path Of the artifact, below `artifacts/`. @throws Error if the contracts were not compiled
 */
export async function codeOf(path: string): Promise<ContractCode> {
  const file = await readFile(new URL(`../artifacts/${path}`, import.meta.url), "utf8");
  const { deployedBytecode, immutableReferences } = JSON.parse(file) as {
    readonly deployedBytecode: string;
    readonly immutableReferences: Readonly<Record<string, readonly { start: number; length: number }[]>>;
  };
  const places = Object.values(immutableReferences).flat();
  const blank = (code: string): string => {
    const bytes = Buffer.from(code.slice(2), "hex");
    for (const { start, length } of places) bytes.fill(0, start, start + length);
    return bytes.toString("hex");
  };
  const own = blank(deployedBytecode);
  return { isCodeOf: (code) => code.length === deployedBytecode.length && blank(code) === own };
}
