"""Fetches a file where there is no curl: download.py URL FILE.

Gives up when the host does not answer within 5 seconds or is slow for long.
"""

from __future__ import annotations

import sys
import time
import urllib.request
from pathlib import Path

SECONDS_TO_ANSWER = 5
SLOWEST = 500_000  # bytes a second, over any span of SPAN seconds
SPAN = 10


def download(url: str, file: Path) -> None:
    """Writes what is at the URL into the file."""
    with (
        urllib.request.urlopen(url, timeout=SECONDS_TO_ANSWER) as response,
        file.open("wb") as out,
    ):
        if not response.url.startswith("https://"):
            raise OSError(f"redirected to {response.url}: only https:// is used")
        since, received = time.monotonic(), 0
        while block := response.read(1 << 16):
            out.write(block)
            received += len(block)
            if time.monotonic() - since > SPAN:
                if received < SLOWEST * SPAN:
                    raise TimeoutError(f"less than {SLOWEST} bytes a second")
                since, received = time.monotonic(), 0


if __name__ == "__main__":
    try:
        download(sys.argv[1], Path(sys.argv[2]))
    except OSError as error:  # URLError and TimeoutError among them
        sys.exit(f"{sys.argv[1]}: {error}")
