import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

import { PERMIT2 } from "./corridor.ts";

/**
 * Three currencies that anyone can mint, a price feed for each in dollars, and doubles of Permit2 and of x402's proxy, for local
 * chains.
 */
export default buildModule("TestTokens", (m) => ({
  dollar: m.contract("TestToken", ["Test Dollar", "tUSD", 6], { id: "Dollar" }),
  euro: m.contract("TestToken", ["Test Euro", "tEUR", 6], { id: "Euro" }),
  yen: m.contract("TestToken", ["Test Yen", "tJPY", 0], { id: "Yen" }),
  euroFeed: m.contract("TestFeed", [8], { id: "EuroFeed" }),
  yenFeed: m.contract("TestFeed", [8], { id: "YenFeed" }),
  permit2: m.contract("Permit2Double"),
  x402Proxy: m.contract("X402ExactPermit2ProxyDouble", [PERMIT2]),
}));
