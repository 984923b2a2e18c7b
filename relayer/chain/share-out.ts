/** Pure: divides `total` in proportion to `weights`, rounded on the running sum; together the parts are exactly `total`. */
export function shareOut(total: bigint, weights: readonly bigint[]): bigint[] {
  const sum = weights.reduce((all, weight) => all + weight, 0n);
  if (sum === 0n) return weights.map((_, index) => (index === 0 ? total : 0n));
  let [before, given] = [0n, 0n];
  return weights.map((weight) => {
    before += weight;
    const share = (total * before) / sum - given;
    given += share;
    return share;
  });
}
