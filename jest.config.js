const shared = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  transform: {
    '\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
    '\\.tsx$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', tsx: true },
          transform: { react: { runtime: 'automatic' } },
        },
        module: { type: 'es6' },
      },
    ],
  },
};

/**
 * `node` and `dashboard` need nothing but Node; `system` needs Debian's mosquitto and PostgreSQL,
 * `browser` its chromium.
 */
export default {
  projects: [
    {
      ...shared,
      displayName: 'node',
      testMatch: [
        '<rootDir>/test/{marbles,unit,contract,fuzz,simulation,integration,e2e}/**/*.test.ts',
      ],
    },
    {
      ...shared,
      displayName: 'dashboard',
      testEnvironment: 'jsdom',
      setupFilesAfterEnv: ['<rootDir>/dashboard/test/patience.ts'],
      testMatch: ['<rootDir>/dashboard/test/**/*.test.{ts,tsx}'],
    },
    {
      ...shared,
      displayName: 'browser',
      testMatch: ['<rootDir>/test/browser/**/*.test.ts'],
      globalSetup: '<rootDir>/test/browser/freshSite.js',
    },
    { ...shared, displayName: 'system', testMatch: ['<rootDir>/test/system/**/*.test.ts'] },
  ],
  collectCoverageFrom: ['src/**/*.ts', 'supabase/functions/**/*.ts'],
  testTimeout: 30_000,
  testSequencer: '<rootDir>/test/longFirst.js',
  // Most of the time goes to programs that the tests start: one worker more than jest would take.
  maxWorkers: '100%',
};
