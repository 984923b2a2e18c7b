import { isIP } from "node:net";

import ipaddr from "ipaddr.js";

/** Global unicast: the other seven eighths of IPv6 are no place for an endpoint, whatever they may be used for. */
const GLOBAL_IPV6 = ipaddr.parseCIDR("2000::/3");
/** Public by its number, answered by the machine's own host: the platform service of a large cloud. */
const PLATFORM_SERVICES = new Set(["168.63.129.16"]);
const MAX_URL = 2_048;

/**
 * Whether an IP address is one of the public network: not private, loopback, link-local (metadata services), shared
 * (CGNAT), multicast, reserved, or one of those inside an IPv6 address (mapped, NAT64, 6to4, Teredo).
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  // An IPv4 address mapped into IPv6 is judged as what it is.
  const parsed = ipaddr.process(address);
  if (parsed.range() !== "unicast") return false;
  return parsed.kind() === "ipv4" ? !PLATFORM_SERVICES.has(parsed.toString()) : parsed.match(GLOBAL_IPV6);
}

/** The host of a URL, if it is an IP address: then nothing is looked up before the connection is made. */
export function literalAddress(url: URL): string | undefined {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return isIP(host) === 0 ? undefined : host;
}

/**
 * What a URL to send messages to should have been; `undefined` if it is good. Where its name leads is judged when it is
 * connected to, each time.
 * @param allowPrivate Also to private addresses, and without encryption.
 */
export function urlFault(text: string, allowPrivate: boolean): string | undefined {
  const protocols = allowPrivate ? ["https:", "http:"] : ["https:"];
  const expected = `${allowPrivate ? "an http(s)" : "an https"} URL of at most ${MAX_URL} characters`;
  if (text.length > MAX_URL || !URL.canParse(text)) return expected;
  const url = new URL(text);
  if (!protocols.includes(url.protocol)) return expected;
  if (url.username !== "" || url.password !== "") return "a URL without a user's name or password";
  const literal = literalAddress(url);
  return allowPrivate || literal === undefined || isPublicAddress(literal) ? undefined : "a public address";
}
