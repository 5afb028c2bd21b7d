import type { UseMutationResult } from "@tanstack/react-query";

import { ownCourses } from "../api/queries";
import { useChange } from "../api/useChange";

/** A change of a course, after which all that shows the course is read anew. */
export function useCourseChange<Input = void, Output = unknown>(
  change: (input: Input) => Promise<Output>,
): UseMutationResult<Output, Error, Input> {
  return useChange(change, ["course"], ["courses"], ["lesson"], ownCourses.queryKey);
}
