import type { Interface } from "ethers";

import { MANAGER } from "./manager-events.ts";
import { EXCHANGE, LEDGER } from "./roles-of-deployment.ts";

const INTERFACES: readonly Interface[] = [MANAGER, LEDGER, EXCHANGE];

/** A function's name by its selector, else the selector. */
export function functionName(selector: string): string {
  for (const one of INTERFACES) {
    const found = one.getFunction(selector);
    if (found !== null) return found.name;
  }
  return selector;
}

/** A call as it would stand in Solidity; its bytes, if it is none of ours. @param data Calldata, whoever wrote it. */
export function callText(data: string): string {
  for (const one of INTERFACES) {
    try {
      const call = one.parseTransaction({ data });
      if (call !== null) return `${call.name}(${valueText(call.args).slice(1, -1)})`;
    } catch {
      // Its arguments are not what its selector asks for.
    }
  }
  return data;
}

/** What others wrote stays one line, whatever characters it has. */
function valueText(value: unknown): string {
  if (Array.isArray(value)) return `[${(value as readonly unknown[]).map(valueText).join(", ")}]`;
  const text = String(value);
  return typeof value === "string" && !value.startsWith("0x") ? JSON.stringify(text) : text;
}
