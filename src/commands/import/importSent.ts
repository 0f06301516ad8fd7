import { isDeadLetter } from '../../model/outcome.ts';
import { sizeOf } from '../../model/upload.ts';
import type { Uploaded } from '../../sinks/sendUpload.ts';
import type { Sent } from './importText.ts';

const UNKNOWN_ZONE = /unknown_zone/;

/** The sum with one more upload. */
export const sentWith = (sent: Sent, outcome: Uploaded): Sent => {
  const { item } = outcome;
  if (!isDeadLetter(outcome)) {
    const { counts, rejections } = outcome.receipt;
    const refused = (list: string) =>
      new Set(rejections.filter((no) => no.list === list).map(({ index }) => index)).size;
    return {
      ...sent,
      readings: sent.readings + item.assignments.length - refused('readings'),
      dwells: sent.dwells + item.dwells.length - refused('dwells'),
      news: sent.news + counts.zone_events,
    };
  }
  const { reason, advice } = outcome.error;
  const zones = UNKNOWN_ZONE.test(reason)
    ? [...item.assignments, ...item.dwells].map(({ zone_id }) => zone_id)
    : [];
  return {
    ...sent,
    failed: sent.failed + sizeOf(item),
    reasons: new Set([...sent.reasons, advice ?? reason]),
    unknownZones: new Set([...sent.unknownZones, ...zones]),
  };
};
