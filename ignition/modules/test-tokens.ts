import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

/** A dollar and a euro that anyone can mint, and a double of Permit2, for local chains. */
export default buildModule("TestTokens", (m) => ({
  dollar: m.contract("TestToken", ["Test Dollar", "tUSD", 6], { id: "Dollar" }),
  euro: m.contract("TestToken", ["Test Euro", "tEUR", 6], { id: "Euro" }),
  permit2: m.contract("Permit2Double"),
}));
