const ENTITIES: Record<string, string> = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'" };

const plain = (html: string) => html.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => ENTITIES[entity] ?? entity);

/**
 * A highlight of the API, in which everything is escaped but `<mark>`. It is read as just that, and not as HTML: nothing else in it
 * can become an element.
 */
export function Marked({ html }: { html: string }) {
  return html.split(/<mark>(.*?)<\/mark>/s).map((part, at) => {
    // Every second part stood between the marks.
    if (at % 2 === 1) return <mark key={at}>{plain(part)}</mark>;
    return plain(part);
  });
}
