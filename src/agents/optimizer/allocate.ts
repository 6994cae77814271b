export interface ShareRequest {
  /** An integer of at least 0: the share beside those of the others. */
  weight: number;
  /** What it gets in any case. */
  floor: bigint;
}

/**
 * Divides a total by weight, to the last unit: the amounts add up exactly, rounded by largest remainder, and none is
 * below its floor. What the floors take beyond a share comes from the others, in proportion.
 *
 * @param total at least the sum of the floors
 * @param requests of which at least one has a weight above 0
 * @returns the amounts, in the order of the requests
 */
export function allocate(total: bigint, requests: ShareRequest[]): bigint[] {
  const shares = requests.map(({ weight, floor }, index) => ({ weight: BigInt(weight), floor, index }));
  // Raising one to its floor makes the shares of the others smaller, and may bring another below its own.
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
