import { useRoute } from '../../app/useRoute.ts';
import { Icon } from '../../components/Icon.tsx';
import { Tile } from '../../components/Tile.tsx';
import { useDefinitions } from '../../components/useDefinitions.ts';
import { useZoneWords } from '../../components/useZoneWords.ts';
import { useWords } from '../../i18n/context.tsx';
import type { Period } from '../../model/period.ts';
import type { Bounds } from '../../model/storeTime.ts';
import type { ZoneWithFigures } from './useZoneFigures.ts';
import { ZoneDay } from './ZoneDay.tsx';
import { ZoneWays } from './ZoneWays.tsx';

interface ZoneDetailProps {
  readonly zone: ZoneWithFigures;
  readonly period: Period;
  readonly bounds: Bounds | undefined;
}

const Figures = ({ zone }: { readonly zone: ZoneWithFigures }) => {
  const { t } = useWords();
  const define = useDefinitions();
  const { metricName, show } = useZoneWords();
  return (
    <dl className="tiles is-small">
      <Tile
        name={metricName('dwell')}
        definition={t('zone.dwell_def')}
        value={show('dwell', zone.meanDwellSeconds)}
      />
      <Tile
        name={metricName('visits')}
        definition={t('zone.visits_def')}
        value={show('visits', zone.visits)}
      />
      <Tile
        name={metricName('reach')}
        definition={t('zone.reach_def')}
        value={show('reach', zone.reach)}
      />
      <Tile
        name={metricName('occupancy')}
        definition={define('kpi.occupancy_def')}
        value={show('occupancy', zone.occupancy)}
        isEstimate
      />
    </dl>
  );
};

/** One zone: its figures, its day, and the ways to it and from it. */
export const ZoneDetail = ({ zone, period, bounds }: ZoneDetailProps) => {
  const { t } = useWords();
  const { go } = useRoute();
  const { typeName } = useZoneWords();
  return (
    <div className="detail">
      <section className="card figures" aria-label={zone.name}>
        <header className="detail-head">
          <div>
            <h2>{zone.name}</h2>
            <p>
              {typeName(zone.type)} · {t('zone.zone')} {zone.code}
            </p>
          </div>
          <button
            type="button"
            className="icon-button"
            aria-label={t('detail.close')}
            onClick={() => go({ zone: undefined })}
          >
            <Icon name="close" />
          </button>
        </header>
        <Figures zone={zone} />
      </section>
      <ZoneDay zone={zone} day={period.last} />
      <ZoneWays zone={zone} bounds={bounds} />
    </div>
  );
};
