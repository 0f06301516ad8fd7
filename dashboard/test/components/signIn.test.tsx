import { jest } from '@jest/globals';
import { AuthApiError, AuthRetryableFetchError } from '@supabase/supabase-js';
import { act, cleanup, fireEvent, render, renderHook, screen } from '@testing-library/react';
import { SignIn } from '../../src/app/SignIn.tsx';
import { useSession } from '../../src/app/useSession.ts';
import { WordsProvider } from '../../src/i18n/context.tsx';

afterEach(cleanup);

describe('a sign-in that fails', () => {
  const refused = (status: number, code: string) => new AuthApiError('no', status, code);

  it.each([
    [refused(400, 'invalid_credentials'), 'The email or the password is not right.'],
    [refused(429, 'over_request_rate_limit'), 'Too many tries. Wait a little and try again.'],
    [refused(400, 'email_not_confirmed'), 'This account may not sign in. Ask an administrator.'],
    [refused(500, 'unexpected_failure'), /^Could not sign in./],
    [new AuthRetryableFetchError('no network', 0), /^Could not sign in./],
  ])('with %s says why', async (error, words) => {
    const client = { auth: { signInWithPassword: async () => ({ error }) } };
    render(
      <WordsProvider language="en" timeZone="UTC">
        <SignIn client={client as never} hasEnded={false} isDemo={false} />
      </WordsProvider>,
    );
    fireEvent.submit(screen.getByRole('button', { name: 'Sign in' }));
    await screen.findByText(words);
  });
});

describe('a session', () => {
  type Listener = (event: string, session: object | null) => void;

  const signedIn = () => {
    let tell: Listener = () => undefined;
    const signOut = jest.fn(async (_options: object) => tell('SIGNED_OUT', null));
    const onAuthStateChange = (listener: Listener) => {
      tell = listener;
      return { data: { subscription: { unsubscribe: () => undefined } } };
    };
    const client = { auth: { onAuthStateChange, signOut } };
    const { result } = renderHook(() => useSession(client as never));
    const told = (session: object | null) => act(() => tell('', session));
    told({ user: { id: 'a' } });
    return { result, told, signOut };
  };

  it('that was left has not ended by itself, and the account’s others go on', async () => {
    const { result, signOut } = signedIn();
    await act(() => result.current.signOut());
    expect(signOut).toHaveBeenCalledWith({ scope: 'local' });
    expect(result.current).toMatchObject({ session: null, hasEnded: false });
  });

  it('that ends says so, also after one that was left', async () => {
    const { result, told } = signedIn();
    await act(() => result.current.signOut());
    told({ user: { id: 'b' } });
    told(null);
    expect(result.current).toMatchObject({ session: null, hasEnded: true });
  });
});
