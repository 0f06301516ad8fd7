import { type Layout, type PlacedSensor, placedSensors } from '../model/layout.ts';
import type { PlacingClassifier } from './classifier.ts';
import type { Grid } from './grid.ts';
import { gridClassifier } from './gridClassifier.ts';
import type { RadioMap } from './radioMap.ts';

/** What the radio of a shop is assumed to do before anyone has surveyed it. */
export interface PathLossModel extends Omit<RadioMap, 'levels'> {
  /** dBm at one metre. */
  readonly atOneMetreDbm: number;
  /** Path-loss exponent; open rooms measure 1.4–2.3, walls more. */
  readonly exponent: number;
  /** Height of the phones above the floor, metres. */
  readonly phoneHeightM: number;
}

/** `floorDb` holds what shelves and bodies do, which no formula knows: 4–4.5 dB where it was measured. */
export const OPEN_ROOM: PathLossModel = {
  atOneMetreDbm: -59,
  exponent: 2.3,
  phoneHeightM: 1.2,
  floorDb: 4.5,
  readingDb: 5,
  deviceOffsetDb: 6,
  alikeShare: 0,
  temperature: 1.3,
};

/** Metres from each cell to a sensor; nearer than half a metre no formula says anything true. */
export const distances = (
  { x, y }: { readonly x: ArrayLike<number>; readonly y: ArrayLike<number> },
  sensor: PlacedSensor,
  phoneHeightM: number,
): Float64Array =>
  Float64Array.from(x, (at, cell) =>
    Math.max(Math.hypot(at - sensor.x, (y[cell] ?? 0) - sensor.y, phoneHeightM - sensor.z), 0.5),
  );

/**
 * Log-distance path loss A − 10 n log10(d), and what the sensor is known to hear above it; of the
 * sensors of which it is known where they hang.
 */
export const pathLossMap =
  (layout: Layout, model: PathLossModel = OPEN_ROOM) =>
  (grid: Grid): RadioMap => {
    const { atOneMetreDbm, exponent, phoneHeightM, ...noise } = model;
    const variance = new Float32Array(grid.x.length);
    const meanOf = (sensor: PlacedSensor): Float32Array =>
      Float32Array.from(
        distances(grid, sensor, phoneHeightM),
        (metres) => atOneMetreDbm + (sensor.offset_db ?? 0) - 10 * exponent * Math.log10(metres),
      );
    const levels = placedSensors(layout).map(
      (sensor) => [sensor.sensor_id, { mean: meanOf(sensor), variance }] as const,
    );
    return { ...noise, levels: new Map(levels) };
  };

/**
 * Needs no survey: how well does each place explain what the sensors heard, whatever the phone's
 * own loudness.
 */
export const pathLossClassifier = (
  layout: Layout,
  model: PathLossModel = OPEN_ROOM,
): PlacingClassifier => gridClassifier(layout, pathLossMap(layout, model));
