import { type UseMutationResult, useMutation, useQueryClient } from "@tanstack/react-query";

import { ownCourses } from "../api/queries";

/** A change of a course, after which all that shows the course is read anew. */
export function useCourseChange<Input = void, Output = unknown>(
  change: (input: Input) => Promise<Output>,
): UseMutationResult<Output, Error, Input> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: async () => {
      await Promise.all([
        queries.invalidateQueries({ queryKey: ["course"] }),
        queries.invalidateQueries({ queryKey: ["courses"] }),
        queries.invalidateQueries({ queryKey: ownCourses.queryKey }),
      ]);
    },
  });
}
