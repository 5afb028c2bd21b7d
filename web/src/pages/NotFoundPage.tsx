import { Link, useRouteError } from "react-router";

import { t } from "../text";
import { Page } from "../ui/Page";

/** An address that leads nowhere. */
export function NotFoundPage({
  title = t.errors.notFound,
  body = t.errors.notFoundBody,
}: {
  title?: string;
  body?: string;
}) {
  return (
    <Page title={title} lead={body}>
      <p>
        <Link className="button" to="/">
          {t.errors.home}
        </Link>
      </p>
    </Page>
  );
}

/** A page that failed while it was shown, or whose code could not be loaded: after a deploy old parts are gone. */
export function CrashPage() {
  const error = useRouteError();
  return (
    <Page title={t.errors.crashed} lead={t.errors.crashedBody}>
      {error instanceof Error && (
        <p>
          <code>{error.message}</code>
        </p>
      )}
      <p>
        <button type="button" className="button primary" onClick={() => window.location.reload()}>
          {t.errors.reload}
        </button>
      </p>
    </Page>
  );
}
