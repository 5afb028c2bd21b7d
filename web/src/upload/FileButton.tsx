import { Icon } from "../ui/Icon";

interface Props {
  label: string;
  /** What screen readers say in place of the label. */
  describe: string;
  disabled?: boolean;
  onFile: (file: File) => void;
}

/** A button that lets a video file be chosen. The input itself stays in place for keyboards and screen readers. */
export function FileButton({ label, describe, disabled = false, onFile }: Props) {
  return (
    <label className="file-button">
      <Icon name="upload" />
      {label}
      <input
        type="file"
        className="file-input"
        accept="video/*,.mkv,.mxf,.mts,.m2ts,.flv"
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
