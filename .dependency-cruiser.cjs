/** Floors, from the bottom up. An import may go down or stay level, never up. */
const floors = ['model', 'positioning', 'sources', 'operators', 'sinks', 'streams'];

const noImportUp = floors.map((floor, height) => ({
  name: `${floor}-imports-nothing-above`,
  severity: 'error',
  comment: `${floor}/ may import only ${['supabase/functions/_shared', ...floors.slice(0, height)].join(', ')}.`,
  from: { path: `^src/${floor}/` },
  to: {
    path: '^(src|supabase|test|examples|bench|scripts)/',
    pathNot: [
      '^supabase/functions/_shared/',
      ...floors.slice(0, height + 1).map((f) => `^src/${f}/`),
    ],
  },
}));

const pure = '^src/(model|positioning|operators|sinks|streams)/';

module.exports = {
  forbidden: [
    ...noImportUp,
    {
      name: 'operators-know-no-source',
      severity: 'error',
      comment: 'An operator works on any stream, wherever it comes from.',
      from: { path: '^src/operators/' },
      to: { path: '^src/sources/' },
    },
    {
      name: 'no-node-below-main',
      severity: 'error',
      comment: 'IO comes in as a port; see src/production/.',
      from: { path: pure },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'pure-floors-know-no-network',
      severity: 'error',
      from: { path: pure },
      to: { path: 'node_modules/(mqtt|winston|aedes|@supabase|ws)/' },
    },
    {
      name: 'positioning-is-mathematics',
      severity: 'error',
      comment: 'No streams and no clock in positioning/.',
      from: { path: '^src/positioning/' },
      to: { path: 'node_modules/rxjs/' },
    },
    {
      name: 'shared-by-both-sides',
      severity: 'error',
      comment: 'The function runs in Deno: what it shares imports nothing of src/.',
      from: { path: '^supabase/' },
      to: { path: '^src/' },
    },
    {
      name: 'embedded-and-production-for-main-only',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(main\\.ts|commands/|embedded/|production)' },
      to: { path: '^src/(embedded/|production)' },
    },
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'no-orphans', severity: 'error', from: { orphan: true, path: '^src/' }, to: {} },
    {
      name: 'resolvable',
      severity: 'error',
      from: { pathNot: '^supabase/' },
      to: { couldNotResolve: true },
    },
    {
      name: 'not-to-dev-dependency',
      severity: 'error',
      from: { path: '^(src|supabase)/' },
      to: { dependencyTypes: ['npm-dev'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
};
