import { Link, NavLink, Outlet, ScrollRestoration, useNavigate } from "react-router";

import { NotificationsLink } from "../account/NotificationsLink";
import { StepUpDialog } from "../auth/StepUpDialog";
import { useAuth } from "../auth/useAuth";
import { CartLink } from "../shop/CartLink";
import { t } from "../text";
import { UploadTray } from "../upload/UploadTray";

/** What surrounds every page. */
export function Layout() {
  return (
    <>
      <a className="skip" href="#main">
        {t.common.skip}
      </a>
      <header className="topbar">
        <div className="topbar-inner">
          <Link to="/" className="brand">
            <img src="/favicon.svg" alt="" />
            {t.name}
          </Link>
          <Navigation />
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        <Outlet />
      </main>
      <StepUpDialog />
      <UploadTray />
      <footer className="footer">
        <div className="footer-inner">
          <span>{t.common.footer}</span>
          <a href="/api/v1/docs">{t.common.apiDocs}</a>
        </div>
      </footer>
      <ScrollRestoration />
    </>
  );
}

function Navigation() {
  const { signedIn, user, logout } = useAuth();
  const navigate = useNavigate();
  const leave = async () => {
    await logout();
    await navigate("/");
  };
  return (
    <nav aria-label={t.common.menu}>
      <NavLink to="/" end>
        {t.nav.courses}
      </NavLink>
      {signedIn && <NavLink to="/dashboard">{t.nav.dashboard}</NavLink>}
      {signedIn && <NavLink to="/learn">{t.nav.learn}</NavLink>}
      {user?.is_instructor === true && <NavLink to="/teach">{t.nav.teach}</NavLink>}
      <span className="grow" />
      {signedIn ? (
        <>
          <CartLink />
          <NotificationsLink />
          <NavLink to="/account">{t.nav.account}</NavLink>
          <button type="button" onClick={() => void leave()} title={user?.email}>
            {t.nav.logout}
          </button>
        </>
      ) : (
        <>
          <NavLink to="/login">{t.nav.login}</NavLink>
          <NavLink to="/register">{t.nav.register}</NavLink>
        </>
      )}
    </nav>
  );
}
