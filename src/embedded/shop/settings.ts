/** How signals travel; see radio.ts for the formula. */
export interface RadioSettings {
  /** Path-loss exponent: 2 in free space, about 2.2 in an open sales floor. */
  readonly exponent: number;
  /** What an average phone is heard at from 1 m, dBm. */
  readonly powerAt1mDbm: number;
  /** Phones differ from the average by this, dB. */
  readonly phoneSdDb: number;
  readonly shadowSdDb: number;
  /** Shadowing is forgotten by 1/e over this way, and over this time where nobody moves. */
  readonly shadowLengthM: number;
  readonly shadowTimeS: number;
  /** Rician K, linear: power of the direct path over that of all reflections. */
  readonly ricianK: number;
  /** Weaker frames are not received, dBm. */
  readonly sensitivityDbm: number;
  /** Share of receivable frames that a sensor misses, as it hops over the channels. */
  readonly frameLoss: number;
  /** What the shop window takes from phones on the street, dB. */
  readonly windowLossDb: number;
}

/** How busy the shop is. */
export interface ShopSettings {
  /** Shoppers who wait for the shop to open and come in during the first `openingSpanS`. */
  readonly openingShoppers: number;
  readonly openingSpanS: number;
  readonly arrivalsPerMinute: number;
  readonly passersbyPerMinute: number;
  readonly staff: number;
  readonly radio: RadioSettings;
}

/** About 12 people after 10 s and 20–30 from the fifth minute on. */
export const defaultSettings: ShopSettings = {
  openingShoppers: 9,
  openingSpanS: 8,
  arrivalsPerMinute: 4.5,
  passersbyPerMinute: 3,
  staff: 3,
  radio: {
    exponent: 2.2,
    powerAt1mDbm: -52,
    phoneSdDb: 5,
    shadowSdDb: 4,
    shadowLengthM: 2,
    shadowTimeS: 120,
    ricianK: 4,
    sensitivityDbm: -92,
    frameLoss: 0.3,
    windowLossDb: 10,
  },
};

/** The simulation moves in steps of this length. */
export const STEP_S = 0.25;
