import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const BACKEND = process.env.FLOWFORGE_URL ?? 'http://127.0.0.1:8000';

/** As it was asked: Django compares the Host with the Origin before it lets a session write. */
const asAsked = { target: BACKEND, changeOrigin: false };

export default defineConfig(({ command }) => ({
  // Django serves index.html itself, and what is built below this path.
  base: command === 'build' ? '/static/app/' : '/',
  plugins: [react()],
  build: {
    outDir: 'dist',
    // The content security policy allows no data: URLs and no inline scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'react', test: /node_modules\/(react|react-dom|scheduler|react-router)\// },
          ],
        },
      },
    },
  },
  server: {
    proxy: {
      '/api': asAsked,
      '/admin': asAsked,
      '/account': asAsked,
      '/static': asAsked,
      '/ws': { ...asAsked, ws: true },
    },
  },
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: ['src/test/setup.ts'],
    testTimeout: 60_000,
  },
}));
