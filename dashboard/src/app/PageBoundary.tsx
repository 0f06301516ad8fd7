import { useQueryClient } from '@tanstack/react-query';
import { Component, type ReactNode } from 'react';
import { Notice } from '../components/Notice.tsx';
import { useWords } from '../i18n/context.tsx';
import type { Route } from './route.ts';

interface PageBoundaryProps {
  readonly route: Route;
  readonly children: ReactNode;
}

interface PageBoundaryState {
  readonly hasFailed: boolean;
}

const Failed = ({ onRetry }: { readonly onRetry: () => void }) => {
  const { t } = useWords();
  const queries = useQueryClient();
  // What was answered may be what the page could not show.
  const retry = () => {
    queries.removeQueries({ type: 'inactive' });
    onRetry();
  };
  return (
    <Notice isAlert title={t('state.broken')} hint={t('state.broken_hint')}>
      <button type="button" className="button" onClick={retry}>
        {t('state.broken_retry')}
      </button>
    </Notice>
  );
};

/** A page that cannot be drawn takes nothing with it: another address, and it is tried anew. */
export class PageBoundary extends Component<PageBoundaryProps, PageBoundaryState> {
  override state: PageBoundaryState = { hasFailed: false };

  static getDerivedStateFromError(): PageBoundaryState {
    return { hasFailed: true };
  }

  override componentDidUpdate(before: PageBoundaryProps): void {
    if (this.state.hasFailed && before.route !== this.props.route) this.retry();
  }

  readonly retry = (): void => this.setState({ hasFailed: false });

  override render(): ReactNode {
    return this.state.hasFailed ? <Failed onRetry={this.retry} /> : this.props.children;
  }
}
