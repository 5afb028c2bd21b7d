import { Icon } from "./Icon";

/** The kinds that browsers do not all count among videos have their extension. */
const VIDEOS = "video/*,.mkv,.mxf,.mts,.m2ts,.flv";

interface Props {
  label: string;
  /** What screen readers say in place of the label, where that alone does not say enough. */
  describe?: string;
  /** The kinds of files that are offered; videos, if nothing is said. */
  accept?: string;
  disabled?: boolean;
  onFile: (file: File) => void;
}

/** A button that lets a file be chosen. The input itself stays in place for keyboards and screen readers. */
export function FileButton({ label, describe, accept = VIDEOS, disabled = false, onFile }: Props) {
  return (
    <label className="file-button">
      <Icon name="upload" />
      {label}
      <input
        type="file"
        className="file-input"
        accept={accept}
        aria-label={describe}
        disabled={disabled}
        onChange={(event) => {
          const file = event.target.files?.[0];
          // So that the same file can be chosen again.
          event.target.value = "";
          if (file !== undefined) onFile(file);
        }}
      />
    </label>
  );
}
