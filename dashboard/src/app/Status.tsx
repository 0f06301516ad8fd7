import { useLiveState } from '../hooks/useLiveOccupancy.ts';
import { useWords } from '../i18n/context.tsx';
import { useClock } from './useClock.ts';
import { useOnline } from './useOnline.ts';

/** Whether there is a network, and the live channel, and when that last said something. */
export const Status = () => {
  const { t, format } = useWords();
  const { connection, heardAt } = useLiveState();
  const now = useClock();
  const isOnline = useOnline();
  return (
    <span className={`live-dot is-${isOnline ? connection : 'lost'} status`}>
      {t(isOnline ? `status.${connection}` : 'status.offline')}
      {isOnline && heardAt !== undefined && (
        <span className="status-age" aria-hidden="true">
          {t('status.ago', { age: format.duration((now - heardAt) / 1000) })}
        </span>
      )}
    </span>
  );
};
