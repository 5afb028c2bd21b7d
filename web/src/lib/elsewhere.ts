/** Where another site shows a video; `null` for one that plays here. */
export function elsewhere({ youtube_id: id, external_url: url }: { youtube_id: string; external_url: string }): string | null {
  if (url !== "") return url;
  return id === "" ? null : `https://www.youtube.com/watch?v=${encodeURIComponent(id)}`;
}
