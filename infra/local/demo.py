"""`make demo`: the main job on a real clip, from the upload to the last segment, checked and timed."""

from __future__ import annotations

import itertools
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.common.progress import Step, StepFailed, step
from infra.local import journey, stream
from infra.local.api import Viewer
from infra.local.seed import CLIP
from infra.local.settings import Settings

_BAR = 30
_PROCESSING_SECONDS = 600.0
# What a viewer does not notice (ITU-R BT.1359 detects from 45 ms on).
_SYNC_SECONDS = 0.050
# One frame at 25 per second is 40 ms; a timestamp that is off by more than rounding is a gap.
_GAP_SECONDS = 0.002


def run(settings: Settings) -> None:
    """Runs the demo with two people of its own, so that it can run as often as one likes."""
    times: dict[str, float] = {}
    mark = uuid.uuid4().hex[:8]
    with timed(times, "Register two people") as current:
        instructor = journey.log_in(settings, f"ada-{mark}@learnflow.example", "Ada", "Lim", instructor=True)
        student = journey.log_in(settings, f"ben-{mark}@learnflow.example", "Ben", "Cho", instructor=False)
        journey.ensure_channel(instructor, f"Demo {mark}", f"demo-{mark}")
        course = journey.create_course(instructor, f"Demo course {mark}", "A course made by make demo.")
        current.done("an instructor with a channel and a course, a student")
    with timed(times, "Upload in parts") as current:
        video = journey.upload(instructor, course, CLIP, "Big Buck Bunny", lambda share: current.show(_bar(share)))
        current.done(f"{CLIP.name}, {CLIP.stat().st_size / 1e6:.1f} MB")
    with timed(times, "Process") as current:
        journey.wait_until_ready(
            instructor,
            video,
            lambda share, state: current.show(f"{_bar(share)} {state}"),
            _PROCESSING_SECONDS,
        )
    with timed(times, "Publish and enrol"):
        journey.publish(instructor, course, video, "Big Buck Bunny")
        enrolment = journey.enroll(student, course)
    with timed(times, "Play") as current:
        session = journey.play(student, video, enrolment)
        renditions = stream.tracks(student, session["play_url"])
        current.done(f"{len(renditions)} renditions")
    with timed(times, "Download every segment") as current, tempfile.TemporaryDirectory() as folder:
        measured = _download(student, renditions, Path(folder), current)
    with timed(times, "Check") as current:
        current.done(_check(student, measured))
    print(_summary(settings, measured, times))


@contextmanager
def timed(times: dict[str, float], title: str) -> Iterator[Step]:
    """A step whose duration goes into the summary."""
    started = time.monotonic()
    with step(title) as current:
        yield current
    times[title] = time.monotonic() - started


def _bar(share: float) -> str:
    filled = round(share * _BAR)
    return f"[{'#' * filled}{'.' * (_BAR - filled)}] {share:4.0%}"


def _download(student: Viewer, renditions: list[stream.Track], folder: Path, current: Step) -> list[stream.Measured]:
    files = sum(1 + len(track.segments) for track in renditions)
    fetched = 0

    def one_more() -> None:
        nonlocal fetched
        fetched += 1
        current.show(_bar(fetched / files))

    measured = [stream.download(student, track, folder, one_more) for track in renditions]
    current.done(f"{files} files, {sum(m.bytes for m in measured) / 1e6:.1f} MB")
    return measured


def _check(student: Viewer, measured: list[stream.Measured]) -> str:
    """Fails unless the stream is whole, in sync and protected."""
    source = stream.probe(CLIP)
    frames = len(_times(source, "video"))
    video = [m for m in measured if m.kind == "video"]
    audio = [m for m in measured if m.kind == "audio"]
    faults = [f"{m.track.name} has {m.frames} frames instead of {frames}" for m in video if m.frames != frames]
    faults += [f"{m.track.name} has a gap of {m.largest_gap:.3f} s" for m in measured if m.largest_gap > _GAP_SECONDS]
    if not video or not audio:
        faults.append("picture or sound is missing")
    lead = min(_times(source, "audio")) - min(_times(source, "video"))
    for picture, sound in itertools.product(video, audio):
        shift = sound.start - picture.start - lead
        if abs(shift) > _SYNC_SECONDS:
            faults.append(f"the sound of {picture.track.name} is {shift:.3f} s off")
    for url in {m.track.segments[0] for m in measured}:
        status = student.get(url, with_cookies=False).status
        if status != 403:
            faults.append(f"{url} answers {status} without cookies instead of 403")
    if faults:
        raise StepFailed("\n".join(faults), "see `make logs`")
    return f"{frames} frames in each rung, no gap, in sync, 403 without cookies"


def _times(probed: dict, kind: str) -> list[float]:
    """Presentation times of the packets of one kind."""
    indexes = [index for index, s in enumerate(probed["streams"]) if s["codec_type"] == kind]
    return [float(packet["pts_time"]) for packet in probed["packets"] if packet["stream_index"] in indexes]


def _summary(settings: Settings, measured: list[stream.Measured], times: dict[str, float]) -> str:
    rows = [f"  {'rendition':<12} {'frames':>6} {'seconds':>8} {'segments':>8} {'kbit/s':>7}"]
    for m in measured:
        rate = m.bytes * 8 / m.seconds / 1000
        rows.append(
            f"  {m.size or 'audio':<12} {m.frames:>6} {m.seconds:>8.2f} {len(m.track.segments):>8} {rate:>7.0f}"
        )
    rows.append("")
    rows += [f"  {title:<24} {seconds:>6.1f} s" for title, seconds in times.items()]
    return "\n".join(["", "The stream is whole.", "", *rows, "", f"Watch it at {settings.viewer_url}", ""])
