import { useWords } from '../i18n/context.tsx';
import type { MessageKey } from '../i18n/translate.ts';
import type { ZoneMetric } from '../model/zoneLevels.ts';

const TYPES: Readonly<Record<string, MessageKey>> = {
  entrance: 'zone.type_entrance',
  aisle: 'zone.type_aisle',
  display: 'zone.type_display',
  fitting: 'zone.type_fitting',
  checkout: 'zone.type_checkout',
};

/** What zones and their figures are called. */
export const useZoneWords = () => {
  const { t, format } = useWords();
  const show: Readonly<Record<ZoneMetric, (value: number) => string>> = {
    dwell: format.duration,
    visits: format.count,
    reach: format.percent,
    occupancy: format.count,
  };
  return {
    typeName: (type: string) => (TYPES[type] ? t(TYPES[type]) : type),
    metricName: (metric: ZoneMetric) => t(`zone.${metric}`),
    show: (metric: ZoneMetric, value: number | undefined) =>
      value === undefined ? '–' : show[metric](value),
  };
};
