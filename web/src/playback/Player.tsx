import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from "react";

import { ApiError } from "../api/errors";
import { t } from "../text";
import { Controls } from "./Controls";
import { PlayerMessage } from "./PlayerMessage";
import type { PlaybackApi } from "./playback";
import { clampRate, offeredRates, SeekGuard } from "./policy";
import { attach, type Quality, type Stream } from "./stream";
import { useFullscreen } from "./useFullscreen";
import { useIdle } from "./useIdle";
import { useKeys } from "./useKeys";
import { useMedia } from "./useMedia";
import { usePlayback } from "./usePlayback";
import { useReports } from "./useReports";
import { WatermarkOverlay } from "./WatermarkOverlay";

interface Props {
  title: string;
  poster?: string | undefined;
  api: PlaybackApi;
  /** Where to begin, in seconds. */
  resumeAt: number;
  /** Values for the watermark's fields. */
  watermarkValues: Record<string, string>;
  onEnded?: () => void;
  /** Shown when the session is over, below what happened. */
  help?: (error: ApiError, again: () => void) => ReactNode;
}

/** Plays one video under one playback session. To play another one, give it another `key`. */
export function Player({ title, poster, api, resumeAt, watermarkValues, onEnded, help }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const stream = useRef<Stream | null>(null);
  const [guard] = useState(() => new SeekGuard());
  const { playback, state } = usePlayback(api, () => guard.position);
  const media = useMedia(video);
  const [qualities, setQualities] = useState<Quality[]>([]);
  const [level, setLevel] = useState(-1);
  const [chosenLevel, setChosenLevel] = useState(-1);
  const [notice, setNotice] = useState("");
  const [broken, setBroken] = useState<ApiError | null>(null);

  const play = state.phase === "live" ? state.play : null;
  const url = play?.play_url ?? null;
  const policy = play?.policy ?? null;
  const [fullscreen, toggleFullscreen] = useFullscreen(frame, playback.events);

  const refusals = useMemo(
    () => ({
      onSeekRefused: () => setNotice(t.player.seekOff),
      onRateRefused: (rate: number) => setNotice(t.player.rateRefused(rate)),
    }),
    [],
  );
  useReports(video, playback, policy, guard, refusals);

  useEffect(() => {
    const element = video.current;
    if (element === null || url === null) return;
    // After an interruption it goes on where it was.
    const start = guard.position > 0 ? guard.position : resumeAt;
    if (start > 0) guard.expect(start);
    const fail = (code: string, message: string) => {
      playback.events.push("PLAYER_ERROR", { detail: code });
      setBroken(new ApiError({ code, status: 0, message }));
    };
    stream.current = attach(element, url, start, {
      onQualities: setQualities,
      onLevel: setLevel,
      onForbidden: () => playback.session.renew(),
      onBroken: (detail) => fail(detail, t.player.broken),
    });
    if (stream.current === null) fail("unsupported", t.player.unsupported);
    return () => {
      stream.current?.destroy();
      stream.current = null;
    };
    // A change of `resumeAt` while it plays must not begin it anew.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [url, playback, guard]);

  useEffect(() => {
    if (notice === "") return;
    const timer = setTimeout(() => setNotice(""), 4_000);
    return () => clearTimeout(timer);
  }, [notice]);

  const toggle = useCallback(() => {
    const element = video.current;
    if (element === null) return;
    // The browser may refuse (autoplay rules); the button then still shows "play".
    if (element.paused) element.play().catch(() => undefined);
    else element.pause();
  }, []);
  const seek = useCallback((to: number) => {
    const element = video.current;
    if (element !== null) element.currentTime = Math.min(Math.max(to, 0), element.duration || 0);
  }, []);
  const mute = useCallback(() => {
    if (video.current !== null) video.current.muted = !video.current.muted;
  }, []);
  const allowSeek = policy?.allow_seek ?? false;
  const onKey = useKeys({ video, allowSeek, toggle, seek, mute, toggleFullscreen });

  const [idle, onActivity] = useIdle(media.playing);

  const over = state.phase === "over" ? state.error : broken;
  const again = () => {
    setBroken(null);
    playback.begin();
  };

  return (
    <div
      className="player"
      ref={frame}
      data-idle={idle || undefined}
      onKeyDown={onKey}
      onPointerMove={onActivity}
      onPointerDown={onActivity}
      onFocus={onActivity}
      role="region"
      aria-label={t.player.region(title)}
    >
      <video
        ref={video}
        playsInline
        preload="auto"
        poster={poster}
        // Picture-in-picture would leave the watermark behind.
        disablePictureInPicture={policy?.watermark.enabled ?? true}
        onClick={toggle}
        onEnded={onEnded}
        tabIndex={-1}
      />
      {play !== null && policy !== null && over === null && (
        <>
          <WatermarkOverlay watermark={policy.watermark} values={watermarkValues} sessionId={play.session_id} />
          {!media.playing && !media.ended && media.position === resumeAt && (
            <button type="button" className="big-play" onClick={toggle} aria-label={t.player.play} tabIndex={-1} />
          )}
          <Controls
            media={media}
            allowSeek={allowSeek}
            rates={offeredRates(policy)}
            qualities={qualities}
            level={level}
            chosenLevel={chosenLevel}
            fullscreen={fullscreen}
            onToggle={toggle}
            onSeek={seek}
            onVolume={(volume) => {
              if (video.current === null) return;
              video.current.volume = volume;
              video.current.muted = false;
            }}
            onMute={mute}
            onRate={(rate) => {
              if (video.current !== null) video.current.playbackRate = clampRate(rate, policy);
            }}
            onLevel={(next) => {
              setChosenLevel(next);
              stream.current?.choose(next);
            }}
            onFullscreen={toggleFullscreen}
          />
        </>
      )}
      {over === null && (state.phase !== "live" || media.waiting) && <div className="spinner" aria-hidden="true" />}
      {over !== null && (
        <PlayerMessage error={over} onAgain={again}>
          {help?.(over, again)}
        </PlayerMessage>
      )}
      <p className="player-notice" role="status" aria-live="polite">
        {notice || (state.phase === "starting" && over === null ? t.player.starting : "")}
      </p>
    </div>
  );
}
