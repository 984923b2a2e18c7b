import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

import { Ledger__factory } from "../../typechain-types/factories/contracts/Ledger__factory.ts";
import { Exchange__factory } from "../../typechain-types/factories/contracts/schemes/Exchange__factory.ts";

const LEDGER = Ledger__factory.createInterface();
const FREEZE_SELECTORS = [LEDGER.getFunction("freeze").selector, LEDGER.getFunction("unfreeze").selector];

const EXCHANGE = Exchange__factory.createInterface();
const GUARD_SELECTORS = [EXCHANGE.getFunction("setGuard").selector, EXCHANGE.getFunction("removeGuard").selector];

/** The role that may freeze accounts; see ILedger. */
const COMPLIANCE_ROLE = 1n;
/** The role that may set which price feeds quotes are held against; see IExchange. */
const GUARD_ROLE = 2n;
const TWO_DAYS = 172_800;

/** Permit2 is at this address on most chains. */
export const PERMIT2 = "0x000000000022D473030F116dDEE9F6B43aC78BA3";

/**
 * The verifier of signatures, the Ledger, the AccessManager that says who may freeze accounts and set price guards, the Escrow,
 * the Gateway and the Exchange.
 * Parameters: `admin` of the AccessManager, the `compliance` and the `guard` addresses, the deployer if absent; `guardDelay` in
 * seconds, between the announcement of a change of guards and its effect, and of a change of who may make one; `permit2`, where it
 * is not at its usual address.
 */
export default buildModule("Corridor", (m) => {
  const admin = m.getParameter("admin", m.getAccount(0));
  const compliance = m.getParameter("compliance", m.getAccount(0));
  const guard = m.getParameter("guard", m.getAccount(0));
  const guardDelay = m.getParameter("guardDelay", TWO_DAYS);
  const permit2 = m.getParameter("permit2", PERMIT2);
  const manager = m.contract("AccessManager", [m.getAccount(0)]);
  const verifier = m.contract("SignatureVerifier");
  const ledger = m.contract("Ledger", [manager, verifier]);
  const escrow = m.contract("Escrow", [ledger]);
  const gateway = m.contract("Gateway", [escrow, permit2]);
  const exchange = m.contract("Exchange", [manager, escrow]);
  const freezing = m.call(manager, "setTargetFunctionRole", [ledger, FREEZE_SELECTORS, COMPLIANCE_ROLE]);
  const granted = m.call(manager, "grantRole", [COMPLIANCE_ROLE, compliance, 0], { after: [freezing] });
  const guarding = m.call(manager, "setTargetFunctionRole", [exchange, GUARD_SELECTORS, GUARD_ROLE], {
    id: "Guarding",
  });
  const guardGranted = m.call(manager, "grantRole", [GUARD_ROLE, guard, guardDelay], {
    id: "GuardRole",
    after: [guarding],
  });
  // Else whoever administers roles could go around the delay by another role or another holder.
  const held = m.call(manager, "setTargetAdminDelay", [exchange, guardDelay], { after: [guardGranted] });
  const grants = m.call(manager, "setGrantDelay", [GUARD_ROLE, guardDelay], { after: [held] });
  m.call(manager, "grantRole", [0n, admin, 0], { id: "AdminRole", after: [granted, grants] });
  return { manager, verifier, ledger, escrow, gateway, exchange };
});
