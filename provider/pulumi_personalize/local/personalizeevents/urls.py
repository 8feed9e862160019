"""personalizeevents base URL and path."""

from ..protocol import EVENT_PATHS
from .responses import PersonalizeEventsResponse

url_bases = [
    r"https?://personalize-events\.(.+)\.amazonaws\.com",
]

url_paths = {f"{{0}}{path}$": PersonalizeEventsResponse.dispatch for path in EVENT_PATHS}
