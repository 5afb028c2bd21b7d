import { clock, spokenDuration } from "../lib/format";
import { t } from "../text";
import { Icon } from "../ui/Icon";
import { Menu } from "./Menu";
import type { MediaState } from "./useMedia";
import type { Quality } from "./stream";

export interface ControlsProps {
  media: MediaState;
  allowSeek: boolean;
  rates: number[];
  qualities: Quality[];
  /** The chosen level, -1 for the automatic choice. */
  chosenLevel: number;
  /** The level that is played. */
  level: number;
  fullscreen: boolean;
  onToggle: () => void;
  onSeek: (to: number) => void;
  onVolume: (volume: number) => void;
  onMute: () => void;
  onRate: (rate: number) => void;
  onLevel: (level: number) => void;
  onFullscreen: () => void;
}

/** The player's own controls. The browser's would offer speeds and a full screen without the watermark. */
export function Controls(props: ControlsProps) {
  const { media } = props;
  const playing = media.playing ? t.player.pause : media.ended ? t.player.again : t.player.play;
  return (
    <div className="controls" role="group" aria-label={t.player.controls}>
      <SeekBar {...props} />
      <div className="controls-row">
        <button type="button" className="control" onClick={() => props.onToggle()} aria-label={playing} title={playing}>
          <Icon name={media.playing ? "pause" : media.ended ? "again" : "play"} />
        </button>
        <Volume {...props} />
        <span className="controls-time">
          <span aria-label={t.player.position}>{clock(media.position)}</span> / {clock(media.duration)}
        </span>
        <span className="grow" />
        {props.rates.length > 1 && (
          <Menu
            label={t.player.speed}
            shown={`${media.rate}×`}
            chosen={media.rate}
            options={props.rates.map((rate) => ({
              value: rate,
              label: rate === 1 ? t.player.normalSpeed : `${rate}×`,
            }))}
            onChoose={props.onRate}
          />
        )}
        {props.qualities.length > 1 && <QualityMenu {...props} />}
        <button
          type="button"
          className="control"
          onClick={() => props.onFullscreen()}
          aria-label={props.fullscreen ? t.player.exitFullscreen : t.player.fullscreen}
          title={props.fullscreen ? t.player.exitFullscreen : t.player.fullscreen}
        >
          <Icon name={props.fullscreen ? "shrink" : "expand"} />
        </button>
      </div>
    </div>
  );
}

function SeekBar({ media, allowSeek, onSeek }: ControlsProps) {
  const played = media.duration > 0 ? (media.position / media.duration) * 100 : 0;
  const buffered = media.duration > 0 ? (media.buffered / media.duration) * 100 : 0;
  return (
    <input
      type="range"
      className="seek"
      min={0}
      max={media.duration || 1}
      step={1}
      value={media.position}
      disabled={!allowSeek || media.duration === 0}
      onChange={(event) => onSeek(Number(event.target.value))}
      aria-label={allowSeek ? t.player.seek : t.player.seekOff}
      aria-valuetext={t.player.seekValue(spokenDuration(media.position), spokenDuration(media.duration))}
      title={allowSeek ? undefined : t.player.seekOff}
      style={{ "--played": `${played}%`, "--buffered": `${buffered}%` } as React.CSSProperties}
    />
  );
}

function Volume({ media, onMute, onVolume }: ControlsProps) {
  const silent = media.muted || media.volume === 0;
  const label = silent ? t.player.unmute : t.player.mute;
  return (
    <span className="volume">
      <button type="button" className="control" onClick={() => onMute()} aria-label={label} title={label}>
        <Icon name={silent ? "muted" : "volume"} />
      </button>
      <input
        type="range"
        className="volume-range"
        min={0}
        max={1}
        step={0.05}
        value={silent ? 0 : media.volume}
        onChange={(event) => onVolume(Number(event.target.value))}
        aria-label={t.player.volume}
      />
    </span>
  );
}

function QualityMenu({ qualities, chosenLevel, level, onLevel }: ControlsProps) {
  const now = qualities.find((quality) => quality.level === level);
  const automatic = now === undefined ? t.player.auto : t.player.autoNow(`${now.height}p`);
  const chosen = qualities.find((quality) => quality.level === chosenLevel);
  return (
    <Menu
      label={t.player.quality}
      shown={chosen === undefined ? t.player.auto : `${chosen.height}p`}
      chosen={chosenLevel}
      options={[
        ...qualities.map((quality) => ({ value: quality.level, label: `${quality.height}p` })),
        { value: -1, label: automatic },
      ]}
      onChoose={onLevel}
    />
  );
}
