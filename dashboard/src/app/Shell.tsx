import { type ReactNode, useEffect, useRef } from 'react';
import { Icon } from '../components/Icon.tsx';
import { useWords } from '../i18n/context.tsx';
import { Customers } from '../pages/customers/Customers.tsx';
import { Live } from '../pages/live/Live.tsx';
import { Overview } from '../pages/overview/Overview.tsx';
import { Pipeline } from '../pages/pipeline/Pipeline.tsx';
import { Store as StorePage } from '../pages/store/Store.tsx';
import { Banner } from './Banner.tsx';
import { Mark } from './Mark.tsx';
import { PageBoundary } from './PageBoundary.tsx';
import { PAGES, type Page, routeHash } from './route.ts';
import { SettingsMenu } from './SettingsMenu.tsx';
import { Status } from './Status.tsx';
import { StoreSwitch } from './StoreSwitch.tsx';
import { useKiosk } from './useKiosk.ts';
import { useRoute } from './useRoute.ts';
import type { Store } from './useStores.ts';

const CONTENT: Readonly<Record<Page, () => ReactNode>> = {
  overview: () => <Overview />,
  store: () => <StorePage />,
  live: () => <Live />,
  customers: () => <Customers />,
  pipeline: () => <Pipeline />,
};

const Navigation = () => {
  const { t } = useWords();
  const { route } = useRoute();
  return (
    <nav className="nav" aria-label={t('nav.label')}>
      {PAGES.map((page) => (
        <a
          key={page}
          href={routeHash({
            page,
            days: route.days,
            kiosk: route.kiosk,
            ...(route.day && { day: route.day }),
          })}
          aria-current={page === route.page ? 'page' : undefined}
        >
          <Icon name={page} />
          <span>{t(`nav.${page}`)}</span>
        </a>
      ))}
    </nav>
  );
};

/** A new page is announced by its title, and reading begins at its top. */
const useArrival = (page: Page) => {
  const { t } = useWords();
  const main = useRef<HTMLElement>(null);
  const before = useRef(page);
  const title = `${t(`nav.${page}`)} · ${t('app.name')}`;
  useEffect(() => {
    document.title = title;
    if (before.current !== page) main.current?.focus({ preventScroll: true });
    if (before.current !== page) window.scrollTo(0, 0);
    before.current = page;
  }, [page, title]);
  return main;
};

interface ShellProps {
  readonly store: Store;
  readonly stores: ReadonlyArray<Store>;
  readonly onSignOut: () => void;
}

export const Shell = ({ store, stores, onSignOut }: ShellProps) => {
  const { t } = useWords();
  const { route } = useRoute();
  const main = useArrival(route.page);
  const kiosk = useKiosk();
  return (
    <div className={kiosk.isOn ? 'shell is-kiosk' : 'shell'}>
      <button type="button" className="skip" onClick={() => main.current?.focus()}>
        {t('app.skip')}
      </button>
      <header className="bar">
        <Mark />
        <StoreSwitch store={store} stores={stores} />
        <Navigation />
        <Status />
        <SettingsMenu onKiosk={kiosk.enter} onSignOut={onSignOut} />
        <button type="button" className="quiet-button kiosk-leave" onClick={kiosk.leave}>
          <Icon name="close" />
          {t('kiosk.leave')}
        </button>
      </header>
      <Banner />
      <main ref={main} id="main" tabIndex={-1}>
        <PageBoundary route={route}>{CONTENT[route.page]()}</PageBoundary>
      </main>
    </div>
  );
};
