import { useWords } from '../i18n/context.tsx';

/** The name of the product, with its sign. */
export const Mark = () => {
  const { t } = useWords();
  return (
    <span className="mark">
      <svg viewBox="0 0 32 32" aria-hidden="true">
        <rect width="32" height="32" rx="9" />
        <path d="M9 20.5a9.9 9.9 0 0 1 14 0" />
        <path d="M5.8 16.2a14.4 14.4 0 0 1 20.4 0" opacity="0.55" />
        <circle cx="16" cy="24" r="2.6" />
      </svg>
      <span className="mark-name">{t('app.name')}</span>
    </span>
  );
};
