/** Who sells on a local chain. `account` is an account of its node. */
export const LOCAL_MERCHANTS = [
  { name: "Lisbon Ceramics", account: 1, currency: "EUR" },
  { name: "Manila Coffee", account: 2, currency: "USD" },
  { name: "Lagos Fabrics", account: 3, currency: "USD" },
] as const;
