export interface ShareRequest {
  /** An integer of at least 0: the size of this share in proportion to the others. */
  weight: number;
  /** The least amount of this share. */
  floor: bigint;
}

/**
 * Divides a total in proportion to weights. The amounts are rounded by largest remainder, so that they add up exactly
 * to the total, and none is below its floor. If a floor is higher than a share, the difference is taken from the
 * others, in proportion.
 *
 * @param total at least the sum of the floors
 * @param requests at least one of them has a weight above 0
 * @returns the amounts, in the order of the requests
 */
export function allocate(total: bigint, requests: ShareRequest[]): bigint[] {
  const shares = requests.map(({ weight, floor }, index) => ({ weight: BigInt(weight), floor, index }));
  // Raising one share to its floor makes the others smaller, so that another share may fall below its own floor.
  let sharing = shares;
  let left = total;
  let weights = sumOf(sharing.map(({ weight }) => weight));
  for (;;) {
    const above = sharing.filter(({ weight, floor }) => left * weight >= floor * weights);
    if (above.length === sharing.length) break;
    sharing = above;
    left = total - sumOf(shares.filter((share) => !sharing.includes(share)).map(({ floor }) => floor));
    weights = sumOf(sharing.map(({ weight }) => weight));
  }

  const amounts = requests.map(({ floor }) => floor);
  for (const { weight, index } of sharing) amounts[index] = (left * weight) / weights;
  const missing = Number(total - sumOf(amounts));
  const byRemainder = sharing.toSorted((a, b) => Number(((left * b.weight) % weights) - ((left * a.weight) % weights)));
  for (const { index } of byRemainder.slice(0, missing)) amounts[index]! += 1n;
  return amounts;
}

function sumOf(amounts: bigint[]): bigint {
  return amounts.reduce((sum, amount) => sum + amount, 0n);
}
