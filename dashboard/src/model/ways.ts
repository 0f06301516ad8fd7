/** One row of `kpi_paths`. */
export interface PathRow {
  readonly from_zone_id: string;
  readonly from_zone_name: string;
  readonly to_zone_id: string;
  readonly to_zone_name: string;
  readonly moves: number;
}

export interface Way {
  readonly zoneId: string;
  readonly name: string;
  readonly moves: number;
}

const mostMovesFirst = (ways: ReadonlyArray<Way>): ReadonlyArray<Way> =>
  [...ways].sort((a, b) => b.moves - a.moves);

/** The ways that lead to a zone and those that leave it, most moves first. */
export const waysOf = (
  rows: ReadonlyArray<PathRow>,
  zoneId: string,
): { from: ReadonlyArray<Way>; to: ReadonlyArray<Way> } => ({
  from: mostMovesFirst(
    rows
      .filter(({ to_zone_id }) => to_zone_id === zoneId)
      .map((row) => ({ zoneId: row.from_zone_id, name: row.from_zone_name, moves: row.moves })),
  ),
  to: mostMovesFirst(
    rows
      .filter(({ from_zone_id }) => from_zone_id === zoneId)
      .map((row) => ({ zoneId: row.to_zone_id, name: row.to_zone_name, moves: row.moves })),
  ),
});
