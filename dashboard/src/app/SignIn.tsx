import { AuthApiError, type SupabaseClient } from '@supabase/supabase-js';
import { type FormEvent, useState } from 'react';
import { LanguageSwitch } from '../components/LanguageSwitch.tsx';
import { useWords } from '../i18n/context.tsx';
import type { MessageKey } from '../i18n/translate.ts';
import { Mark } from './Mark.tsx';

interface SignInProps {
  readonly client: SupabaseClient;
  readonly hasEnded: boolean;
  /** The project is an embedded one: it has a demo account. */
  readonly isDemo: boolean;
}

const TOO_MANY = 429;

const whatHappened = (error: unknown): MessageKey => {
  if (!(error instanceof AuthApiError) || error.status >= 500) return 'signin.failed';
  if (error.code === 'invalid_credentials') return 'signin.wrong';
  return error.status === TOO_MANY ? 'signin.too_many' : 'signin.refused';
};

const useSignIn = (client: SupabaseClient) => {
  const [isBusy, setIsBusy] = useState(false);
  const [problem, setProblem] = useState<MessageKey>();
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    setIsBusy(true);
    setProblem(undefined);
    const { error } = await client.auth.signInWithPassword({
      email: String(fields.get('email')),
      password: String(fields.get('password')),
    });
    setIsBusy(false);
    if (error) setProblem(whatHappened(error));
  };
  return { isBusy, problem, submit };
};

export const SignIn = ({ client, hasEnded, isDemo }: SignInProps) => {
  const { t } = useWords();
  const { isBusy, problem, submit } = useSignIn(client);
  const message = problem ?? (hasEnded ? 'signin.ended' : undefined);
  return (
    <main className="sign-in">
      <form className="sign-in-card" onSubmit={submit}>
        <Mark />
        <h1>{t('signin.title')}</h1>
        <p className="sign-in-lead">{t('signin.lead')}</p>
        <label>
          {t('signin.email')}
          <input name="email" type="email" autoComplete="username" required />
        </label>
        <label>
          {t('signin.password')}
          <input name="password" type="password" autoComplete="current-password" required />
        </label>
        <p className="sign-in-problem" role="alert">
          {message && t(message)}
        </p>
        <button type="submit" className="button is-primary" disabled={isBusy}>
          {t(isBusy ? 'signin.busy' : 'signin.submit')}
        </button>
        {isDemo && <p className="sign-in-hint">{t('signin.demo')}</p>}
        <LanguageSwitch />
      </form>
    </main>
  );
};
