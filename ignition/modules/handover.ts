import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

import corridor from "./corridor.ts";

const ADMIN_ROLE = 0n;

/**
 * The deployer gives up the AccessManager's admin role, which it has from the constructor on. For deployments whose `admin` is
 * somebody else, as the last step: it cannot be undone.
 */
export default buildModule("Handover", (m) => {
  const { manager } = m.useModule(corridor);
  m.call(manager, "renounceRole", [ADMIN_ROLE, m.getAccount(0)]);
  return { manager };
});
