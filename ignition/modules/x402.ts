import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

/** x402's `x402ExactPermit2Proxy`, which its clients sign for, is at this address wherever it is. */
export const X402_PROXY = "0x402085c248EeA27D92E8b30b2C58ed07f9E20001";

/** What settles x402's payments, on a chain that has x402's proxy. Parameter: `proxy`, where it is not at its usual address. */
export default buildModule("X402", (m) => ({
  settler: m.contract("X402Settler", [m.getParameter("proxy", X402_PROXY)]),
}));
