import type { UseQueryResult } from '@tanstack/react-query';
import { callRpc, callRpcForRow, type RowOf, type Rows } from './client.ts';
import { useFigures } from './useFigures.ts';

const POLL_MS = 15_000;

/** Whether data flows: the latest run, and the last hour's runs, rows and latency. */
export const useIngestHealth = (): UseQueryResult<RowOf<'ingest_health'>> =>
  useFigures(
    'ingest_health',
    [],
    ({ client, storeId, signal }) =>
      callRpcForRow(client, 'ingest_health', { store_id: storeId }, signal),
    { pollMs: POLL_MS },
  );

/** The latest runs, newest first. */
export const useIngestRuns = (maxRuns = 30): UseQueryResult<Rows<'ingest_runs'>> =>
  useFigures(
    'ingest_runs',
    [maxRuns],
    ({ client, storeId, signal }) =>
      callRpc(client, 'ingest_runs', { store_id: storeId, max_runs: maxRuns }, signal),
    { pollMs: POLL_MS },
  );

/** The sensors of the last day, and how long each has been silent. */
export const useIngestSensors = (): UseQueryResult<Rows<'ingest_sensors'>> =>
  useFigures(
    'ingest_sensors',
    [],
    ({ client, storeId, signal }) =>
      callRpc(client, 'ingest_sensors', { store_id: storeId }, signal),
    { pollMs: POLL_MS },
  );

/** What arrived and could not be processed so far. */
export const useIngestBacklog = (): UseQueryResult<RowOf<'ingest_backlog'>> =>
  useFigures(
    'ingest_backlog',
    [],
    ({ client, storeId, signal }) =>
      callRpcForRow(client, 'ingest_backlog', { store_id: storeId }, signal),
    { pollMs: POLL_MS },
  );
