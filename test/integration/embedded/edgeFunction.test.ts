import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EdgeFunction, startEdgeFunction } from '../../../src/embedded/deno/edgeFunction.ts';
import { listenOnLoopback } from '../../../src/embedded/http/listen.ts';
import { eventually } from './eventually.ts';

/** Tries what a function must not be able to do, and tells how each try ended. */
const NOSY = `
  const attempt = async (deed) => {
    try { await deed(); return 'done'; } catch (error) { return error.name; }
  };
  export default {
    fetch: async (request) => Response.json({
      url: Deno.env.get('SUPABASE_URL'),
      origin: await attempt(() => fetch(Deno.env.get('SUPABASE_URL'))),
      elsewhere: await attempt(() => fetch(new URL(request.url).searchParams.get('elsewhere'))),
      home: await attempt(() => Deno.env.get('HOME')),
      file: await attempt(() => Deno.readTextFile('/etc/hosts')),
      write: await attempt(() => Deno.writeTextFile('./x', 'x')),
      run: await attempt(() => new Deno.Command('/bin/true').output()),
    }),
  };`;

describe('startEdgeFunction', () => {
  let dir: string;
  let servers: Server[];
  let edge: EdgeFunction | undefined;
  const log: Array<Record<string, unknown>> = [];

  const serve = async (): Promise<string> => {
    const server = createServer((_request, response) => response.end('ok'));
    servers.push(server);
    return `127.0.0.1:${await listenOnLoopback(server, 0)}`;
  };
  const start = async (code: string, mayCall = '127.0.0.1:9'): Promise<EdgeFunction> => {
    const folder = join(dir, 'functions', 'f');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'deno.json'), '{}');
    await writeFile(join(folder, 'index.ts'), code);
    edge = await startEdgeFunction({
      entry: join(folder, 'index.ts'),
      env: { SUPABASE_URL: `http://${mayCall}` },
      mayCall,
      cacheDir: join(dir, 'cache'),
      log: (event) => log.push(event),
    });
    return edge;
  };

  beforeEach(async () => {
    log.length = 0;
    servers = [];
    dir = await mkdtemp(join(tmpdir(), 'edge, '));
  });
  afterEach(async () => {
    await edge?.close();
    edge = undefined;
    for (const server of servers) server.close().closeAllConnections();
    await rm(dir, { recursive: true, force: true });
  });

  it('lets the function call its own origin and do nothing else', async () => {
    const origin = await serve();
    const { address } = await start(NOSY, origin);
    const answer = await fetch(`${address()}?elsewhere=http://${await serve()}`);
    expect(await answer.json()).toEqual({
      url: `http://${origin}`,
      origin: 'done',
      elsewhere: 'NotCapable',
      home: 'NotCapable',
      file: 'NotCapable',
      write: 'NotCapable',
      run: 'NotCapable',
    });
    expect((await readdir(dir)).sort()).toEqual(['cache', 'functions']);
  });

  it('says with Deno’s words why a function cannot start', async () => {
    await expect(start("throw new Error('no such setting');")).rejects.toThrow('no such setting');
    await expect(start('export default {')).rejects.toThrow(/Deno ended with 1: .*index\.ts/s);
  });

  it('tries again, ever more patiently, until the function comes up', async () => {
    const { address } = await start("export default { fetch: () => new Response('first') };");
    const entry = join(dir, 'functions', 'f', 'index.ts');
    await writeFile(entry, "throw new Error('half an edit');");
    process.kill(edge?.pid() ?? 0, 'SIGKILL');
    await eventually('two failed restarts', async () =>
      log.filter(({ event }) => event === 'function restart failed').length >= 2 ? true : undefined,
    );
    expect(address()).toBeUndefined();
    await writeFile(entry, "export default { fetch: () => new Response('second') };");
    const url = await eventually('the function', async () => address());
    expect(await (await fetch(url)).text()).toBe('second');
  });

  it('passes on what the function prints', async () => {
    const { address } = await start(
      "export default { fetch: () => { console.error('oops'); return new Response(); } };",
    );
    await fetch(address() ?? '');
    await eventually('the line', async () => log.find(({ line }) => line === 'oops'));
  });
});
