import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

/** Three currencies that anyone can mint, a price feed for each in dollars, and a double of Permit2, for local chains. */
export default buildModule("TestTokens", (m) => ({
  dollar: m.contract("TestToken", ["Test Dollar", "tUSD", 6], { id: "Dollar" }),
  euro: m.contract("TestToken", ["Test Euro", "tEUR", 6], { id: "Euro" }),
  yen: m.contract("TestToken", ["Test Yen", "tJPY", 0], { id: "Yen" }),
  euroFeed: m.contract("TestFeed", [8], { id: "EuroFeed" }),
  yenFeed: m.contract("TestFeed", [8], { id: "YenFeed" }),
  permit2: m.contract("Permit2Double"),
}));
