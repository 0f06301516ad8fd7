import './styles/index.css';
import { createRoot } from 'react-dom/client';
import { App } from './app/App.tsx';
import { loadSiteConfig } from './app/config.ts';
import { readPreferences } from './app/preferences.ts';
import { Notice } from './components/Notice.tsx';
import { wordsFor } from './i18n/context.tsx';

const element = document.getElementById('root');
if (element === null) throw new Error('index.html lacks #root');
const root = createRoot(element);

loadSiteConfig().then(
  (config) => root.render(<App config={config} />),
  () => {
    const { t } = wordsFor(readPreferences(localStorage).language, 'UTC');
    root.render(
      <main className="lonely">
        <Notice isAlert title={t('state.config')} hint={t('state.config_hint')} />
      </main>,
    );
  },
);
