import type { ReactNode } from 'react';
import { useRoute } from '../app/useRoute.ts';
import { isRefusal } from '../hooks/client.ts';
import { useWords } from '../i18n/context.tsx';
import { useDefinitions } from './useDefinitions.ts';

interface NoticeProps {
  readonly title: string;
  readonly hint?: string;
  readonly children?: ReactNode;
  readonly isAlert?: boolean;
}

/** In the place of what cannot be shown: what is the matter, and what helps. */
export const Notice = ({ title, hint, children, isAlert }: NoticeProps) => (
  <div className="notice" role={isAlert ? 'alert' : undefined}>
    <p className="notice-title">{title}</p>
    {hint && <p className="notice-hint">{hint}</p>}
    {children}
  </div>
);

interface FailureProps {
  readonly error: unknown;
  readonly name: string | undefined;
  readonly onRetry: () => void;
}

export const Failure = ({ error, name, onRetry }: FailureProps) => {
  const { t } = useWords();
  if (isRefusal(error)) return <Notice isAlert title={t('state.refused')} />;
  return (
    <Notice isAlert title={name ? t('state.error_named', { name }) : t('state.error')}>
      <button type="button" className="button" onClick={onRetry}>
        {t('state.retry')}
      </button>
    </Notice>
  );
};

/** In the place of a chart of nothing. A day that goes on may yet have visits: when, it says. */
export const EmptyPeriod = () => {
  const { t } = useWords();
  const { day, days } = useRoute().route;
  const define = useDefinitions();
  return day === undefined && days === 1 ? (
    <Notice title={t('state.empty_today')} hint={define('state.empty_today_hint')} />
  ) : (
    <Notice title={t('state.empty')} hint={t('state.empty_hint')} />
  );
};

/** In the place of a plan of nothing. */
export const NoZones = () => {
  const { t } = useWords();
  return <Notice title={t('state.no_zones')} hint={t('state.no_zones_hint')} />;
};

/** Keeps the place of what is being loaded. */
export const Loading = ({ height = 240 }: { readonly height?: number }) => {
  const { t } = useWords();
  return (
    <div className="skeleton" style={{ minHeight: height }} role="status">
      <span className="unseen">{t('state.loading')}</span>
    </div>
  );
};
