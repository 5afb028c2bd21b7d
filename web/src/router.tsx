import type { RouteObject } from "react-router";

import { AccountLayout } from "./account/AccountLayout";
import { RequireAuth } from "./auth/RequireAuth";
import { CataloguePage } from "./pages/CataloguePage";
import { CoursePage } from "./pages/CoursePage";
import { LearnPage } from "./pages/LearnPage";
import { LoginPage } from "./pages/LoginPage";
import { CrashPage, NotFoundPage } from "./pages/NotFoundPage";
import { RegisterPage } from "./pages/RegisterPage";
import { Layout } from "./ui/Layout";
import { Loading } from "./ui/Page";

/** Pages of somebody's own account. */
const account: RouteObject[] = [
  { path: "/account", lazy: async () => ({ Component: (await import("./account/ProfilePage")).ProfilePage }) },
  {
    path: "/account/notifications",
    lazy: async () => ({ Component: (await import("./account/NotificationsPage")).NotificationsPage }),
  },
  {
    path: "/account/security",
    lazy: async () => ({ Component: (await import("./account/SecurityPage")).SecurityPage }),
  },
  {
    path: "/account/sessions",
    lazy: async () => ({ Component: (await import("./account/SessionsPage")).SessionsPage }),
  },
  {
    path: "/account/activity",
    lazy: async () => ({ Component: (await import("./account/ActivityPage")).ActivityPage }),
  },
  {
    path: "/account/api-keys",
    lazy: async () => ({ Component: (await import("./account/ApiKeysPage")).ApiKeysPage }),
  },
  { path: "/account/orders", lazy: async () => ({ Component: (await import("./shop/OrdersPage")).OrdersPage }) },
  { path: "/account/orders/:orderId", lazy: async () => ({ Component: (await import("./shop/OrderPage")).OrderPage }) },
  { path: "/account/wishlist", lazy: async () => ({ Component: (await import("./shop/WishlistPage")).WishlistPage }) },
  {
    path: "/account/subscription",
    lazy: async () => ({ Component: (await import("./billing/SubscriptionPage")).SubscriptionPage }),
  },
  { path: "/account/privacy", lazy: async () => ({ Component: (await import("./account/PrivacyPage")).PrivacyPage }) },
  { path: "/account/watching", lazy: async () => ({ Component: (await import("./pages/DevicesPage")).DevicesPage }) },
];

/** The client's pages. Paths have no dot: the distribution answers those with index.html. Larger pages load when they are opened. */
export const routes: RouteObject[] = [
  {
    element: <Layout />,
    errorElement: <CrashPage />,
    // While the first page's own code is on its way.
    hydrateFallbackElement: <Loading />,
    children: [
      { path: "/", element: <CataloguePage /> },
      { path: "/courses/:slug", element: <CoursePage /> },
      {
        path: "/courses/:slug/:lessonId",
        lazy: async () => ({ Component: (await import("./pages/PreviewPage")).PreviewPage }),
      },
      {
        path: "/watch/:videoId",
        lazy: async () => ({ Component: (await import("./pages/WatchPage")).WatchPage }),
      },
      { path: "/login", element: <LoginPage /> },
      {
        path: "/login/callback/:provider",
        lazy: async () => ({ Component: (await import("./pages/LoginCallbackPage")).LoginCallbackPage }),
      },
      { path: "/register", element: <RegisterPage /> },
      {
        path: "/verify-email",
        lazy: async () => ({ Component: (await import("./pages/VerifyEmailPage")).VerifyEmailPage }),
      },
      {
        path: "/forgot-password",
        lazy: async () => ({ Component: (await import("./pages/ForgotPasswordPage")).ForgotPasswordPage }),
      },
      {
        path: "/reset-password",
        lazy: async () => ({ Component: (await import("./pages/ResetPasswordPage")).ResetPasswordPage }),
      },
      {
        element: <RequireAuth />,
        children: [
          { path: "/learn", element: <LearnPage /> },
          {
            path: "/dashboard",
            lazy: async () => ({ Component: (await import("./dashboard/DashboardPage")).DashboardPage }),
          },
          {
            path: "/learn/:enrollmentId/:lessonId?",
            lazy: async () => ({ Component: (await import("./pages/LessonPage")).LessonPage }),
          },
          { path: "/cart", lazy: async () => ({ Component: (await import("./shop/CartPage")).CartPage }) },
          { path: "/checkout", lazy: async () => ({ Component: (await import("./shop/CheckoutPage")).CheckoutPage }) },
          { path: "/checkout/:orderId", lazy: async () => ({ Component: (await import("./shop/PayPage")).PayPage }) },
          {
            path: "/checkout/:orderId/done",
            lazy: async () => ({ Component: (await import("./shop/DonePage")).DonePage }),
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
          { element: <AccountLayout />, children: account },
        ],
      },
      { path: "*", element: <NotFoundPage /> },
    ],
  },
];
