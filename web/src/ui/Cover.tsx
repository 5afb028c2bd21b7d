/** A course's picture, or where it has none its first letter on a colour that is its own. */
export function Cover({ title, picture }: { title: string; picture: string }) {
  if (picture !== "") return <img className="cover" src={picture} alt="" loading="lazy" />;
  const hue = [...title].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 360, 7);
  return (
    <div className="cover" aria-hidden="true" style={{ "--hue": hue } as React.CSSProperties}>
      {[...title.trim()][0]?.toUpperCase()}
    </div>
  );
}
