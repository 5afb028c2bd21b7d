import { type QueryKey, type UseMutationResult, useMutation, useQueryClient } from "@tanstack/react-query";

/** A change, after which what these keys begin with is read anew: also after a failure, which may mean that it was outdated. */
export function useChange<Input = void, Output = unknown>(
  change: (input: Input) => Promise<Output>,
  ...outdated: QueryKey[]
): UseMutationResult<Output, Error, Input> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () => Promise.all(outdated.map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
}
