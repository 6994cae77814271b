/** Returns the rank of each number. Equal numbers get the mean of their ranks. */
export function ranks(numbers: number[]): number[] {
  const sorted = [...numbers.entries()].toSorted(([, one], [, other]) => one - other);
  const found = Array.from(numbers, () => 0);
  for (let first = 0; first < sorted.length;) {
    let last = first;
    while (last + 1 < sorted.length && sorted[last + 1]![1] === sorted[first]![1]) last += 1;
    for (let at = first; at <= last; at += 1) found[sorted[at]![0]] = (first + last) / 2;
    first = last + 1;
  }
  return found;
}

/** Pearson's correlation; with ranks it is Spearman's. */
export function correlation(one: number[], other: number[]): number {
  const mean = (numbers: number[]) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
  const [oneMean, otherMean] = [mean(one), mean(other)];
  let both = 0;
  let ofOne = 0;
  let ofOther = 0;
  for (const [place, number] of one.entries()) {
    both += (number - oneMean) * (other[place]! - otherMean);
    ofOne += (number - oneMean) ** 2;
    ofOther += (other[place]! - otherMean) ** 2;
  }
  return both / Math.sqrt(ofOne * ofOther);
}

/** Returns the number of places in which the signs differ. */
export function hamming(one: ArrayLike<number>, other: ArrayLike<number>): number {
  let count = 0;
  for (let place = 0; place < one.length; place += 1) if (one[place]! > 0 !== other[place]! > 0) count += 1;
  return count;
}
