/** Who sells on a local chain. `account` is an account of its node. */
export const LOCAL_MERCHANTS = [
  { name: "Lisbon Ceramics", account: 1, currency: "EUR", country: "PT" },
  { name: "Manila Coffee", account: 2, currency: "USD", country: "PH" },
  { name: "Lagos Fabrics", account: 3, currency: "USD", country: "NG" },
] as const;
