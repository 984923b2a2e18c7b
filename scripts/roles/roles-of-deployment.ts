import { ILedger__factory } from "../../typechain-types/factories/contracts/interfaces/ILedger__factory.ts";
import { IExchange__factory } from "../../typechain-types/factories/contracts/interfaces/IExchange__factory.ts";

/** OpenZeppelin's: the role that administers, and the one that everybody has. */
export const ADMIN_ROLE = 0n;
export const PUBLIC_ROLE = 2n ** 64n - 1n;
/** May freeze accounts; see ILedger and ignition/modules/corridor.ts. */
export const COMPLIANCE_ROLE = 1n;
/** May set which price feeds quotes are held against; see IExchange. */
export const GUARD_ROLE = 2n;

export const LEDGER = ILedger__factory.createInterface();
export const EXCHANGE = IExchange__factory.createInterface();

/** A function that the AccessManager says who may call. */
export interface RestrictedFunction {
  readonly contract: "ledger" | "exchange";
  readonly name: string;
  readonly selector: string;
  readonly role: bigint;
}

/** Every function of the contracts with the modifier `restricted`. */
export const RESTRICTED: readonly RestrictedFunction[] = [
  { contract: "ledger", name: "freeze", selector: LEDGER.getFunction("freeze").selector, role: COMPLIANCE_ROLE },
  { contract: "ledger", name: "unfreeze", selector: LEDGER.getFunction("unfreeze").selector, role: COMPLIANCE_ROLE },
  { contract: "exchange", name: "setGuard", selector: EXCHANGE.getFunction("setGuard").selector, role: GUARD_ROLE },
  {
    ...{ contract: "exchange", name: "removeGuard", role: GUARD_ROLE },
    selector: EXCHANGE.getFunction("removeGuard").selector,
  },
];

export function roleName(role: bigint, labels: ReadonlyMap<bigint, string> = new Map()): string {
  if (role === PUBLIC_ROLE) return "everybody";
  const own = new Map([
    [ADMIN_ROLE, "admin"],
    [COMPLIANCE_ROLE, "compliance"],
    [GUARD_ROLE, "guard"],
  ]);
  const name = own.get(role) ?? labels.get(role);
  return name === undefined ? `role ${role}` : `role ${role} (${name})`;
}
