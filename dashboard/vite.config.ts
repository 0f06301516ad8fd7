import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

/** Paths are relative, so the page works below any path of any static host. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  esbuild: { jsx: 'automatic' },
  build: {
    target: 'es2022',
    reportCompressedSize: false,
    chunkSizeWarningLimit: 800,
    rollupOptions: {
      // "use client" means something to server components alone.
      onwarn: (warning, warn) => {
        if (warning.code !== 'MODULE_LEVEL_DIRECTIVE') warn(warning);
      },
    },
  },
  // `npm run dashboard:dev` beside a running `npm run pipeline`.
  server: {
    proxy: {
      '^/(config.json|auth|rest|functions|realtime)': {
        target: process.env['NEURALSENSE_ORIGIN'] ?? 'http://127.0.0.1:54321',
        ws: true,
      },
    },
  },
});
