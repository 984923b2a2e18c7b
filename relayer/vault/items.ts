/** What a version of a remittance record is called in its authenticated data. */
export function versionItem(recordId: string, version: number): string {
  return `record:${recordId}:${version}`;
}

/** As `versionItem`, of a document of a payment. */
export function documentItem(paymentId: string, hash: string): string {
  return `document:${paymentId}:${hash}`;
}
