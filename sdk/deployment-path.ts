/** Where the file of a deployment is: of a chain's id `deployments/<chainId>.json`; everything else is a path already. */
export function deploymentPath(reference: string): string {
  return /^\d+$/.test(reference) ? `deployments/${reference}.json` : reference;
}
