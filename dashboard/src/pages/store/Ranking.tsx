import { useRoute } from '../../app/useRoute.ts';
import { RankBars } from '../../charts/RankBars.tsx';
import { useZoneWords } from '../../components/useZoneWords.ts';
import { useWords } from '../../i18n/context.tsx';
import { levelsOf, metricValue, rankedBy, type ZoneMetric } from '../../model/zoneLevels.ts';
import type { ZoneWithFigures } from './useZoneFigures.ts';

interface RankingProps {
  readonly zones: ReadonlyArray<ZoneWithFigures>;
  readonly metric: ZoneMetric;
}

/** All zones by the figure of the map: the list beside it. */
export const Ranking = ({ zones, metric }: RankingProps) => {
  const { t } = useWords();
  const { go } = useRoute();
  const { metricName, show } = useZoneWords();
  const ranked = rankedBy(metric, zones);
  const levels = levelsOf(ranked.map((zone) => metricValue(metric, zone)));
  return (
    <section className="card" aria-label={t('detail.ranking')}>
      <header className="card-head">
        <h2>{t('detail.ranking')}</h2>
        <span className="badge">{metricName(metric)}</span>
      </header>
      <p className="card-summary">{t('detail.none_hint')}</p>
      <RankBars
        onChoose={(zone) => go({ zone })}
        bars={ranked.map((zone, index) => ({
          key: zone.id,
          name: zone.name,
          value: show(metric, metricValue(metric, zone)),
          share: levels[index] ?? 0,
        }))}
      />
    </section>
  );
};
