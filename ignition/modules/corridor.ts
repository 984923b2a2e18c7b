import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

import { Ledger__factory } from "../../typechain-types/factories/contracts/Ledger__factory.ts";

const LEDGER = Ledger__factory.createInterface();
const FREEZE_SELECTORS = [LEDGER.getFunction("freeze").selector, LEDGER.getFunction("unfreeze").selector];

/** The role that may freeze accounts; see ILedger. */
const COMPLIANCE_ROLE = 1n;

/**
 * The Ledger, the AccessManager that says who may freeze accounts, and the Escrow. Parameters: `admin` of the AccessManager and the
 * `compliance` address; both the deployer if absent.
 */
export default buildModule("Corridor", (m) => {
  const admin = m.getParameter("admin", m.getAccount(0));
  const compliance = m.getParameter("compliance", m.getAccount(0));
  const manager = m.contract("AccessManager", [m.getAccount(0)]);
  const ledger = m.contract("Ledger", [manager]);
  const escrow = m.contract("Escrow", [ledger]);
  const freezing = m.call(manager, "setTargetFunctionRole", [ledger, FREEZE_SELECTORS, COMPLIANCE_ROLE]);
  const granted = m.call(manager, "grantRole", [COMPLIANCE_ROLE, compliance, 0], { after: [freezing] });
  m.call(manager, "grantRole", [0n, admin, 0], { id: "AdminRole", after: [granted] });
  return { manager, ledger, escrow };
});
