import react from "@vitejs/plugin-react";
import { loadEnv } from "vite";
import { defineConfig } from "vitest/config";

export default defineConfig(({ mode }) => {
  // The platform that `npm run dev` and `npm run preview` work against: a local one, unless the environment names another.
  const platform = new URL(
    loadEnv(mode, ".", "LEARNFLOW_").LEARNFLOW_URL ?? "http://learnflow.cloudfront.localhost:4566",
  );
  const { host, port, protocol } = platform;
  // Browsers know where names below `localhost` are; Node.js asks a resolver that may not.
  const target = platform.hostname.endsWith(".localhost") ? `${protocol}//127.0.0.1:${port}` : platform.origin;
  // Cookies of the platform's own host would be dropped on this one.
  const forward = { target, headers: { host }, cookieDomainRewrite: "" };
  const proxy = { "/api": forward, "/hls": forward, "/posters": forward, "/avatars": forward };
  return {
    plugins: [react()],
    server: { port: 5173, proxy },
    preview: { port: 4173, proxy },
    build: {
      target: "es2022",
      // hls.js is one module of that size.
      chunkSizeWarningLimit: 600,
      rolldownOptions: {
        output: {
          // hls.js is larger than all the rest and only the player needs it; React changes less often than the pages.
          codeSplitting: {
            groups: [
              { name: "hls", test: /node_modules[\\/]hls\.js/ },
              { name: "react", test: /node_modules[\\/](react|react-dom|react-router|scheduler|@tanstack)[\\/]/ },
            ],
          },
        },
      },
    },
    // A page that is tested as a whole takes its time on a machine that does other things too.
    test: { environment: "happy-dom", restoreMocks: true, testTimeout: 30_000 },
  };
});
