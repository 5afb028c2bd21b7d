import "./styles/index.css";

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createBrowserRouter } from "react-router";
import { RouterProvider } from "react-router/dom";

import { ApiError } from "./api/errors";
import { routes } from "./router";
import { UploadsProvider } from "./upload/UploadsProvider";

/** Attempts after the first one, of a read that may succeed in a moment. */
const RETRIES = 2;

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      retry: (failures, error) => failures < RETRIES && ApiError.from(error).isTransient,
    },
  },
});

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
const router = createBrowserRouter(routes);
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <UploadsProvider>
        <RouterProvider router={router} />
      </UploadsProvider>
    </QueryClientProvider>
  </StrictMode>,
);
