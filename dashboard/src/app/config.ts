/** Which Supabase project the page belongs to. Both are public. */
export interface SiteConfig {
  readonly supabaseUrl: string;
  readonly publishableKey: string;
}

const isSiteConfig = (value: unknown): value is SiteConfig =>
  typeof value === 'object' &&
  value !== null &&
  'supabaseUrl' in value &&
  'publishableKey' in value &&
  typeof value.supabaseUrl === 'string' &&
  typeof value.publishableKey === 'string';

/** The two settings of the build where it had them, else `config.json` beside the page. */
export const loadSiteConfig = async (
  supabaseUrl: string | undefined = import.meta.env['VITE_SUPABASE_URL'],
  publishableKey: string | undefined = import.meta.env['VITE_SUPABASE_PUBLISHABLE_KEY'],
): Promise<SiteConfig> => {
  if (supabaseUrl && publishableKey) return { supabaseUrl, publishableKey };
  const response = await fetch('./config.json');
  const config: unknown = await response.json();
  if (!isSiteConfig(config)) throw new Error('config.json lacks supabaseUrl or publishableKey');
  return config;
};

/** Whether the project runs where the browser does: then it is the embedded one. */
export const isOnThisMachine = ({ supabaseUrl }: SiteConfig): boolean =>
  ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(supabaseUrl).hostname);
