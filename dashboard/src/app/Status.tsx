import { LiveDot } from '../components/LiveDot.tsx';
import { useLiveState } from '../hooks/useLiveOccupancy.ts';
import { useWords } from '../i18n/context.tsx';
import { useClock } from './useClock.ts';

/** Whether the live channel is there, and when it last said something. */
export const Status = () => {
  const { t, format } = useWords();
  const { heardAt } = useLiveState();
  const now = useClock();
  return (
    <LiveDot className="status">
      {heardAt !== undefined && (
        <span className="status-age" aria-hidden="true">
          {t('status.ago', { age: format.duration((now - heardAt) / 1000) })}
        </span>
      )}
    </LiveDot>
  );
};
