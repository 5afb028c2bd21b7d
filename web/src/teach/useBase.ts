import { useState } from "react";

/** `If-Match` of a version: the ETag that the API gives with it, which the edge may have weakened on its way. */
export const ifMatch = (version: number) => ({ "If-Match": `"${version}"` });

/**
 * The version that a change of these fields demands of the course. It is the newest one as long as nobody else has changed the
 * fields since the form was filled: a course gets a new version with each of its parts, which must not stop who changes another.
 * After that it stays the one that the form was filled with, so that the API refuses what would undo the other change.
 */
export function useBase<Fields>(fields: Fields, version: number) {
  const [base, setBase] = useState({ fields, version });
  const same = JSON.stringify(fields) === JSON.stringify(base.fields);
  return {
    version: same ? version : base.version,
    /** These fields are stored now, in this version. */
    rebase: (stored: Fields, since: number) => setBase({ fields: stored, version: since }),
  };
}
