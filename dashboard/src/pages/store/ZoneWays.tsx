import { useRoute } from '../../app/useRoute.ts';
import { RankBars } from '../../charts/RankBars.tsx';
import { Await } from '../../components/Await.tsx';
import { ChartCard } from '../../components/ChartCard.tsx';
import type { Zone } from '../../hooks/useStore.ts';
import { usePaths } from '../../hooks/useZoneMetrics.ts';
import { useWords } from '../../i18n/context.tsx';
import type { Bounds } from '../../model/storeTime.ts';
import { type Way, waysOf } from '../../model/ways.ts';

interface WaysProps {
  readonly title: string;
  readonly ways: ReadonlyArray<Way>;
  readonly isBusy: boolean;
}

const SHOWN = 6;

const Ways = ({ title, ways, isBusy }: WaysProps) => {
  const { t, format } = useWords();
  const { go } = useRoute();
  const [first] = ways;
  return (
    <ChartCard
      title={title}
      definition={t('detail.paths_def')}
      isBusy={isBusy}
      summary={
        first
          ? t('detail.paths_summary', { zone: first.name, n: format.count(first.moves) })
          : t('detail.paths_empty')
      }
      table={{
        columns: [t('zone.zone'), t('detail.moves')],
        rows: ways.map(({ name, moves }) => [name, moves]),
      }}
    >
      <RankBars
        onChoose={(zone) => go({ zone })}
        bars={ways.slice(0, SHOWN).map(({ zoneId, name, moves }) => ({
          key: zoneId,
          name,
          value: format.count(moves),
          share: first ? moves / first.moves : 0,
        }))}
      />
    </ChartCard>
  );
};

interface ZoneWaysProps {
  readonly zone: Zone;
  readonly bounds: Bounds | undefined;
}

/** Where people come from before this zone, and where they go after it. */
export const ZoneWays = ({ zone, bounds }: ZoneWaysProps) => {
  const { t } = useWords();
  const answer = usePaths(bounds);
  const isBusy = answer.isPlaceholderData;
  return (
    <Await answer={answer} name={t('detail.from')} height={320}>
      {(rows) => {
        const { from, to } = waysOf(rows, zone.id);
        return (
          <div className="columns is-tight">
            <Ways title={t('detail.from')} ways={from} isBusy={isBusy} />
            <Ways title={t('detail.to')} ways={to} isBusy={isBusy} />
          </div>
        );
      }}
    </Await>
  );
};
