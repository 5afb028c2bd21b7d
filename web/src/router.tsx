import { createBrowserRouter } from "react-router";

import { RequireAuth } from "./auth/RequireAuth";
import { CataloguePage } from "./pages/CataloguePage";
import { CoursePage } from "./pages/CoursePage";
import { LearnPage } from "./pages/LearnPage";
import { LoginPage } from "./pages/LoginPage";
import { CrashPage, NotFoundPage } from "./pages/NotFoundPage";
import { RegisterPage } from "./pages/RegisterPage";
import { Layout } from "./ui/Layout";

/** The client's pages. Paths have no dot: the distribution answers those with index.html. Larger pages load when they are opened. */
export const router = createBrowserRouter([
  {
    element: <Layout />,
    errorElement: <CrashPage />,
    children: [
      { path: "/", element: <CataloguePage /> },
      { path: "/courses/:slug", element: <CoursePage /> },
      {
        path: "/courses/:slug/:lessonId",
        lazy: async () => ({ Component: (await import("./pages/PreviewPage")).PreviewPage }),
      },
      { path: "/login", element: <LoginPage /> },
      { path: "/register", element: <RegisterPage /> },
      {
        element: <RequireAuth />,
        children: [
          { path: "/learn", element: <LearnPage /> },
          {
            path: "/learn/:enrollmentId/:lessonId?",
            lazy: async () => ({ Component: (await import("./pages/LessonPage")).LessonPage }),
          },
          { path: "/teach", lazy: async () => ({ Component: (await import("./pages/TeachPage")).TeachPage }) },
          {
            path: "/teach/courses/:courseId",
            lazy: async () => ({ Component: (await import("./pages/CourseEditorPage")).CourseEditorPage }),
          },
          {
            path: "/teach/videos/:videoId",
            lazy: async () => ({ Component: (await import("./pages/VideoPage")).VideoPage }),
          },
          { path: "/sessions", lazy: async () => ({ Component: (await import("./pages/DevicesPage")).DevicesPage }) },
        ],
      },
      { path: "*", element: <NotFoundPage /> },
    ],
  },
]);
