import { usePreferences } from '../app/usePreferences.tsx';
import { useWords } from '../i18n/context.tsx';
import { Segmented } from './Segmented.tsx';

export const LanguageSwitch = () => {
  const { t, language } = useWords();
  const { choose } = usePreferences();
  return (
    <Segmented
      label={t('menu.language')}
      value={language}
      onChange={(chosen) => choose({ language: chosen })}
      // Each language is called by its own name, whatever the page's.
      options={[
        { value: 'ko', label: '한국어' },
        { value: 'en', label: 'English' },
      ]}
    />
  );
};
