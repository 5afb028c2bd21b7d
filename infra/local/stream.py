"""Downloads an HLS stream as a player does and checks what it got with ffprobe."""

from __future__ import annotations

import itertools
import json
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

from infra.common.progress import StepFailed
from infra.local.api import Viewer

_ATTRIBUTE = re.compile(r'([A-Z0-9-]+)=("[^"]*"|[^,]*)')


@dataclass(frozen=True)
class Track:
    """One media playlist with everything that it names."""

    name: str
    bandwidth: int
    init: str
    segments: tuple[str, ...]


@dataclass(frozen=True)
class Measured:
    """What ffprobe says about a track that was put together from its segments."""

    track: Track
    kind: str
    size: str
    frames: int
    start: float
    seconds: float
    bytes: int
    largest_gap: float


def tracks(viewer: Viewer, master_url: str) -> list[Track]:
    """Every rendition of the master playlist, audio included."""
    found = []
    lines = _playlist(viewer, master_url)
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        attributes = {name: value.strip('"') for name, value in _ATTRIBUTE.findall(line.partition(":")[2])}
        if line.startswith("#EXT-X-STREAM-INF:"):
            found.append(
                _track(
                    viewer,
                    attributes["RESOLUTION"],
                    int(attributes["BANDWIDTH"]),
                    urljoin(master_url, following),
                )
            )
        elif line.startswith("#EXT-X-MEDIA:") and attributes.get("TYPE") == "AUDIO" and "URI" in attributes:
            found.append(_track(viewer, "audio", 0, urljoin(master_url, attributes["URI"])))
    return found


def _track(viewer: Viewer, name: str, bandwidth: int, url: str) -> Track:
    lines = _playlist(viewer, url)
    header = next(line for line in lines if line.startswith("#EXT-X-MAP:"))
    init = dict(_ATTRIBUTE.findall(header.partition(":")[2]))["URI"].strip('"')
    segments = tuple(urljoin(url, line) for line in lines if not line.startswith("#"))
    return Track(name, bandwidth, urljoin(url, init), segments)


def _playlist(viewer: Viewer, url: str) -> list[str]:
    return [line for line in fetch(viewer, url).decode("utf-8").splitlines() if line]


def fetch(viewer: Viewer, url: str) -> bytes:
    """A file of the stream; fails unless the cookies open it."""
    answer = viewer.get(url)
    if answer.status != 200:
        raise StepFailed(f"{url} answered {answer.status}.", "see `make logs FN=playback`")
    return answer.body


def download(viewer: Viewer, track: Track, folder: Path, shown: Callable[[], None]) -> Measured:
    """Downloads all of a track's segments, joins them and measures the result."""
    path = folder / f"{track.name}.mp4"
    with path.open("wb") as file:
        for url in (track.init, *track.segments):
            file.write(fetch(viewer, url))
            shown()
    return _measure(track, path)


def probe(path: Path) -> dict:
    """Streams and every frame's time, as ffprobe decodes them."""
    fields = "stream=codec_type,width,height,time_base,duration:packet=pts_time,duration_time,stream_index"
    command = ["ffprobe", "-v", "error", "-show_entries", fields, "-of", "json", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0 or done.stderr:
        raise StepFailed(f"ffprobe does not accept {path.name}: {done.stderr}", "see `make logs FN=transcode`")
    return json.loads(done.stdout)


def _measure(track: Track, path: Path) -> Measured:
    found = probe(path)
    stream = found["streams"][0]
    packets = sorted((float(p["pts_time"]), float(p.get("duration_time", 0))) for p in found["packets"])
    # ffprobe knows no duration of a packet that an edit list trims; it ends where the next one begins.
    gaps = [after - (start + duration) for (start, duration), (after, _) in itertools.pairwise(packets) if duration > 0]
    return Measured(
        track=track,
        kind=stream["codec_type"],
        size=f"{stream['width']}x{stream['height']}" if "width" in stream else "",
        frames=len(packets),
        start=packets[0][0],
        seconds=packets[-1][0] + packets[-1][1] - packets[0][0],
        bytes=path.stat().st_size,
        largest_gap=max((abs(gap) for gap in gaps), default=0.0),
    )
