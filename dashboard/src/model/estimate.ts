/** The likely number, and the interval that holds the true one nine times out of ten. */
export interface Estimate {
  readonly likely: number;
  readonly low: number;
  readonly high: number;
}

/** There are no halves of people; the interval still holds what it held. */
export const wholePeople = ({ likely, low, high }: Estimate): Estimate => ({
  likely: Math.round(likely),
  low: Math.floor(low),
  high: Math.ceil(high),
});
