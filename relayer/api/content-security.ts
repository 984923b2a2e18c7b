/** A part of the console, by its path: each has a policy of its own, so a link from one to another loads a document. */
export type Face = "start" | "checkout" | "merchant" | "audit" | "receipt";

/** An auditor names a node of her own, which may be on her machine. */
const ANY_NODE = ["https:", "http://localhost:*", "http://127.0.0.1:*"];

/**
 * What a face's document may load and reach: itself, and the node that the relayer names; an auditor's, any node.
 * @param nonce Of this one answer, for the styles that are made while it runs.
 */
export function contentSecurityPolicy(face: Face, nonce: string, rpcUrl: string | null): string {
  const nodes = rpcUrl === null ? [] : [new URL(rpcUrl).origin];
  const reached = face === "audit" ? [...nodes, ...ANY_NODE] : nodes;
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "manifest-src 'self'",
    ["connect-src 'self'", ...reached].join(" "),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/** Beside the policy, the same for every document. */
export const DOCUMENT_HEADERS = {
  "cache-control": "no-store",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": [
    "publickey-credentials-get=(self)",
    "publickey-credentials-create=(self)",
    ...["camera", "microphone", "geolocation", "payment", "usb", "serial", "display-capture"].map(
      (name) => `${name}=()`,
    ),
  ].join(", "),
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
} as const;
