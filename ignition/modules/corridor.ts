import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

import { Ledger__factory } from "../../typechain-types/factories/contracts/Ledger__factory.ts";

const LEDGER = Ledger__factory.createInterface();
const FREEZE_SELECTORS = [LEDGER.getFunction("freeze").selector, LEDGER.getFunction("unfreeze").selector];

/** The role that may freeze accounts; see ILedger. */
const COMPLIANCE_ROLE = 1n;

/** Permit2 is at this address on most chains. */
const PERMIT2 = "0x000000000022D473030F116dDEE9F6B43aC78BA3";

/**
 * The verifier of signatures, the Ledger, the AccessManager that says who may freeze accounts, the Escrow and the Gateway.
 * Parameters: `admin` of the AccessManager and the `compliance` address, both the deployer if absent; `permit2`, where it is
 * not at its usual address.
 */
export default buildModule("Corridor", (m) => {
  const admin = m.getParameter("admin", m.getAccount(0));
  const compliance = m.getParameter("compliance", m.getAccount(0));
  const permit2 = m.getParameter("permit2", PERMIT2);
  const manager = m.contract("AccessManager", [m.getAccount(0)]);
  const verifier = m.contract("SignatureVerifier");
  const ledger = m.contract("Ledger", [manager, verifier]);
  const escrow = m.contract("Escrow", [ledger]);
  const gateway = m.contract("Gateway", [escrow, permit2]);
  const freezing = m.call(manager, "setTargetFunctionRole", [ledger, FREEZE_SELECTORS, COMPLIANCE_ROLE]);
  const granted = m.call(manager, "grantRole", [COMPLIANCE_ROLE, compliance, 0], { after: [freezing] });
  m.call(manager, "grantRole", [0n, admin, 0], { id: "AdminRole", after: [granted] });
  return { manager, verifier, ledger, escrow, gateway };
});
