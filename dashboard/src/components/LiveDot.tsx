import type { ReactNode } from 'react';
import { useOnline } from '../app/useOnline.ts';
import { useLiveState } from '../hooks/useLiveOccupancy.ts';
import { useWords } from '../i18n/context.tsx';

interface LiveDotProps {
  readonly className?: string;
  /** Said besides, while the channel is there. */
  readonly children?: ReactNode;
}

/** Whether there is a network, and the live channel. */
export const LiveDot = ({ className = '', children }: LiveDotProps) => {
  const { t } = useWords();
  const isOnline = useOnline();
  const { connection } = useLiveState();
  return (
    <span className={`live-dot is-${isOnline ? connection : 'lost'} ${className}`}>
      {t(isOnline ? `status.${connection}` : 'status.offline')}
      {isOnline && children}
    </span>
  );
};
