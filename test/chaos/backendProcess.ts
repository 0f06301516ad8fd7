import { fileURLToPath } from 'node:url';
import { App } from '@supabase/lite';
import { createPostgresConnection } from '@supabase/lite/postgres';
import { Client } from 'pg';
import { DEMO_STORE_ID } from '../../src/embedded/database/demoStore.ts';
import { registerIngestToken } from '../../src/embedded/database/ingestToken.ts';
import { keepOwnGrants } from '../../src/embedded/database/liteDatabase.ts';
import { startEdgeFunction } from '../../src/embedded/deno/edgeFunction.ts';
import { forward } from '../../src/embedded/http/forward.ts';
import { startOrigin } from '../../src/embedded/http/origin.ts';
import { webHandler } from '../../src/embedded/http/webHandler.ts';
import { loadSecrets } from '../../src/embedded/secrets.ts';

/**
 * A Supabase project in a process that may be killed: the real function in the real Deno, and the
 * embedded stack's REST API, here on a PostgreSQL server, for PostgREST is on no registry.
 * Says `{ url, functionPid }` over IPC once it serves; goes with its parent.
 *
 * @example fork('backend.ts', [postgresUrl, dataDir, 'postgres://…'])
 */
const [databaseUrl = '', dataDir = ''] = process.argv.slice(2);
const FUNCTION = 'process-neuralsense-data';
const FUNCTIONS = fileURLToPath(new URL('../../supabase/functions/', import.meta.url));

/** The driver would make a JSON string of the JSON that lite hands it. */
const JSONB = {
  to: 3802,
  from: [3802],
  serialize: (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value)),
  parse: (text: string): unknown => JSON.parse(text),
};

const log = (): void => undefined;

const main = async (): Promise<void> => {
  const secrets = await loadSecrets(dataDir);
  const origin = await startOrigin({ port: 0, log });
  const connection = createPostgresConnection({
    url: databaseUrl,
    postgresOptions: { types: { jsonb: JSONB } },
  });
  const app = new App({
    connection,
    api: { enabled: true, schemas: ['public'], max_rows: 1000 },
    auth: {
      enabled: true,
      site_url: origin.url,
      jwt_secret: secrets.jwtSecret,
      publishable_key: secrets.publishableKey,
      secret_key: secrets.secretKey,
    },
    studio: { enabled: false },
    options: { server: { admin: false, disableStudio: true } },
  });
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  await registerIngestToken(
    async (script) => {
      await client.query(script);
      return [];
    },
    DEMO_STORE_ID,
    secrets.ingestToken,
  );
  await client.end();
  keepOwnGrants(connection);
  const edge = await startEdgeFunction({
    entry: `${FUNCTIONS}${FUNCTION}/index.ts`,
    env: {
      SUPABASE_URL: origin.url,
      SUPABASE_PUBLISHABLE_KEY: secrets.publishableKey,
      SUPABASE_SECRET_KEY: secrets.secretKey,
    },
    mayCall: new URL(origin.url).host,
    cacheDir: `${dataDir}/deno`,
    log,
  });
  origin.mount(`/functions/v1/${FUNCTION}`, forward('/functions/v1', edge.address));
  origin.mount(
    '/rest/v1',
    webHandler((request) => app.fetch(request)),
  );
  const say = (): void => void process.send?.({ url: origin.url, functionPid: edge.pid() });
  say();
  process.on('message', say);
  process.on('disconnect', () => process.exit(0));
};

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
