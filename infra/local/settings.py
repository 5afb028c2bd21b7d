"""Where the local platform lives and listens. Standard library only: it is read before the venv exists."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LABEL = "learnflow"
STACK = "learnflow-local"
REGION = "us-east-1"
ACCOUNT = "000000000000"
# In which country the distribution finds a viewer by his address; of any other it does not know.
COUNTRIES = {"127.0.0.2": "KR", "127.0.0.3": "DE"}


@dataclass(frozen=True)
class Settings:
    """One local stack. Two with different ports and homes run beside each other."""

    home: Path
    port: int
    redis_port: int
    oidc_port: int
    stripe_port: int
    parameters: dict[str, str] = field(default_factory=dict)

    @classmethod
    def from_env(cls) -> Settings:
        """LEARNFLOW_HOME, LEARNFLOW_PORT and the ports of the services beside it, or the defaults of `make up`.

        LEARNFLOW_PARAMETERS sets template parameters: `LEARNFLOW_PARAMETERS="UseValkey=false MaxSessions=3" make up`.
        """
        port = _port("LEARNFLOW_PORT", 4566)
        home = ROOT / os.environ.get("LEARNFLOW_HOME", ".local")
        pairs = (word.partition("=") for word in os.environ.get("LEARNFLOW_PARAMETERS", "").split())
        return cls(
            home=home.resolve(),
            port=port,
            redis_port=_port("LEARNFLOW_REDIS_PORT", port + 1814),
            oidc_port=_port("LEARNFLOW_OIDC_PORT", port + 4834),
            stripe_port=_port("LEARNFLOW_STRIPE_PORT", port + 4835),
            parameters={name: value for name, _, value in pairs},
        )

    @property
    def endpoint(self) -> str:
        """Every AWS API of the emulator. An IP address, so that SDKs use path-style bucket URLs."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def viewer_host(self) -> str:
        """The Host header of the distribution. Browsers and curl resolve every *.localhost to this machine."""
        return f"{LABEL}.cloudfront.localhost:{self.port}"

    @property
    def viewer_url(self) -> str:
        """What a person opens, and the template's PublicBaseUrl."""
        return f"http://{self.viewer_host}"

    @property
    def logs(self) -> Path:
        """Output of the launcher, redis-server and builds."""
        return self.home / "logs"

    @property
    def function_logs(self) -> Path:
        """One file per function."""
        return self.logs / "functions"

    @property
    def state(self) -> Path:
        """All data; `make reset` deletes it."""
        return self.home / "state"

    @property
    def keys(self) -> Path:
        """The signing keys; kept by `make reset`."""
        return self.home / "keys"

    @property
    def run(self) -> Path:
        """Pid files."""
        return self.home / "run"

    @property
    def scratch(self) -> Path:
        """TMPDIR of the emulator and the functions, emptied at each start."""
        return self.home / "tmp"


VENV = ROOT / ".local" / "venv"


def _port(variable: str, default: int) -> int:
    text = os.environ.get(variable, str(default))
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise SystemExit(f"{variable}={text!r} is not a port number. Set it to a number from 1 to 65535 or unset it.")
    return int(text)
