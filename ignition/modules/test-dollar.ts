import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

/** A currency that anyone can mint, for test networks where there is none to pay with. */
export default buildModule("TestDollar", (m) => ({
  dollar: m.contract("TestToken", ["Test Dollar", "tUSD", 6]),
}));
