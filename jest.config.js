const shared = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
};

/** `node` needs nothing but Node; `system` needs Debian's mosquitto and PostgreSQL. */
export default {
  projects: [
    {
      ...shared,
      displayName: 'node',
      testMatch: ['<rootDir>/test/{marbles,unit,contract,integration,e2e}/**/*.test.ts'],
    },
    { ...shared, displayName: 'system', testMatch: ['<rootDir>/test/system/**/*.test.ts'] },
  ],
  collectCoverageFrom: ['src/**/*.ts', 'supabase/functions/**/*.ts'],
  testTimeout: 30_000,
};
