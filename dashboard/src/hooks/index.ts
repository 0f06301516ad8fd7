/** The figures as React hooks, without any looks: everything that another app may import. */
export type { Estimate } from '../model/estimate.ts';
export type { LivePoint } from '../model/live.ts';
export { type Period, periodBounds, periodEnding } from '../model/period.ts';
export type { Bounds, Day } from '../model/storeTime.ts';
export { ApiError } from './client.ts';
export { NeuralSenseProvider, type NeuralSenseProviderProps } from './context.tsx';
export { useFunnel, useVisitLengths, useVisitors } from './useCustomers.ts';
export { useHourly } from './useHourly.ts';
export {
  useIngestBacklog,
  useIngestHealth,
  useIngestRuns,
  useIngestSensors,
} from './useIngestHealth.ts';
export { type LiveOccupancy, useLiveOccupancy } from './useLiveOccupancy.ts';
export { type Overview, useOverview } from './useOverview.ts';
export { type People, usePeople } from './usePeople.ts';
export { useBounds } from './usePeriodRows.ts';
export { useSensors } from './useSensors.ts';
export { type Thresholds, useThresholds, useToday, useZones, type Zone } from './useStore.ts';
export { usePaths, useZoneDay, useZoneMetrics } from './useZoneMetrics.ts';
