/** What kind a signature is, by its length: compact and full ECDSA, bare P-256, a passkey's; anything else is for a contract. */
export type SignatureForm = "ecdsa" | "p256" | "passkey" | "contract";

export function signatureForm(signature: string): SignatureForm {
  const bytes = (signature.length - 2) / 2;
  if (bytes === 64 || bytes === 65) return "ecdsa";
  if (bytes === 128) return "p256";
  return bytes > 128 ? "passkey" : "contract";
}
