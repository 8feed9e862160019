"""boto3 sessions with the credentials that the settings ask for, and whose they are."""

from __future__ import annotations

import functools
import json
import re
import subprocess
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit

from .errors import CredentialsError, UnexpectedResponseError
from .settings import Settings

if TYPE_CHECKING:
    import boto3
    from botocore.session import Session

#: Seconds that a ``credential_process`` may take: it may open a browser for a login.
_PROCESS_TIMEOUT = 300
#: What the hosts of AWS's endpoints end with, by partition and kind of endpoint.
_AWS = (
    ".amazonaws.com",
    ".amazonaws.com.cn",
    ".api.aws",
    ".api.amazonwebservices.com.cn",
    ".amazonaws.eu",
    ".c2s.ic.gov",
    ".sc2s.sgov.gov",
)
_PORTS = {"http": 80, "https": 443}
#: The place of all endpoints of AWS, see `place_of`.
AWS = "AWS"


class Sessions:
    """Makes sessions, which share the credentials of the roles to assume."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._roles = settings.assume_role or ()
        self._assumed: SimpleNamespace | None = None

    def new(self, region: str | None) -> boto3.Session:
        """Returns a session for a region."""
        import boto3
        import botocore.session

        core = botocore.session.get_session()
        session = boto3.Session(
            botocore_session=core, profile_name=self._settings.profile, region_name=region
        )
        _ask_nobody(core)
        if self._roles:
            self._assumed = self._assumed or self._assume(core)
            core.register_component("credential_provider", self._assumed)
        return session

    def _assume(self, core: Session) -> SimpleNamespace:
        """Returns a provider of the last role's credentials; each role assumes the next one."""
        from botocore import credentials, exceptions
        from botocore.config import Config

        config = Config(connect_timeout=5, user_agent_extra="pulumi-personalize")
        new_client = functools.partial(core.create_client, config=config)
        source = core.get_component("credential_provider").load_credentials()
        if source is None:
            raise exceptions.NoCredentialsError
        for role in self._roles:
            fetcher = credentials.AssumeRoleCredentialFetcher(
                new_client, source, role["RoleArn"], extra_args=dict(role)
            )
            source = credentials.DeferredRefreshableCredentials(
                fetcher.fetch_credentials, "assume-role"
            )
        return SimpleNamespace(load_credentials=lambda: source)


def account_of(session: boto3.Session, personalize_url: str) -> str | None:
    """Asks STS for the account of a session's credentials, once and for 5 seconds at most.

    Returns ``None`` if STS is not where Personalize is, at AWS or at the same host and port:
    it would not tell in which account Personalize looks.

    Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
    """
    from botocore.config import Config

    config = Config(
        connect_timeout=5,
        read_timeout=5,
        retries={"total_max_attempts": 1},
        user_agent_extra="pulumi-personalize",
    )
    sts = session.client("sts", config=config)
    if place_of(sts.meta.endpoint_url) != place_of(personalize_url):
        return None
    account = sts.get_caller_identity().get("Account")
    if not isinstance(account, str) or not re.fullmatch(r"\d{12}", account):
        raise UnexpectedResponseError("STS names no account")
    return account


def place_of(url: str) -> tuple[str | None, int | None]:
    """Returns host and port of an endpoint; all endpoints of AWS are one place."""
    parts = urlsplit(url)
    if (parts.hostname or "").endswith(_AWS):
        return AWS, None
    return parts.hostname, parts.port or _PORTS.get(parts.scheme)


def _ask_nobody(core: Session) -> None:
    """Keeps botocore from prompting, and from waiting for a ``credential_process`` without end.

    This sets attributes that are private to botocore, which has no public way.
    """
    from botocore import credentials

    providers: list[Any] = core.get_component("credential_provider").providers
    for provider in providers:
        if provider.METHOD == credentials.AssumeRoleProvider.METHOD:
            provider._prompter = _refuse_to_prompt  # noqa: SLF001 - see above
            builder = provider._profile_provider_builder  # noqa: SLF001
            builder._create_process_provider = functools.partial(  # noqa: SLF001
                credentials.ProcessProvider,
                load_config=lambda: core.full_config,
                popen=_Process,
            )
        if provider.METHOD == credentials.ProcessProvider.METHOD:
            provider._popen = _Process  # noqa: SLF001


def _refuse_to_prompt(_prompt: str) -> NoReturn:
    raise CredentialsError(
        "the profile requires an MFA code, which nobody can enter here",
        advice=(
            "Run `aws sts get-session-token --serial-number ARN --token-code CODE` and set the "
            "keys that it returns, or use `aws sso login` or a session tool such as aws-vault"
        ),
    )


class _Process:
    """A ``credential_process``, with what botocore needs of `subprocess.Popen`.

    It can ask nobody, and has a time limit.
    """

    def __init__(self, command: list[str], **_: Any) -> None:
        self._command = command
        self.returncode: int | None = None

    def communicate(self) -> tuple[bytes, bytes]:
        """Runs the program and returns its output."""
        try:
            done = subprocess.run(  # noqa: S603 - the user's own, as botocore runs it
                self._command,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_PROCESS_TIMEOUT,
                check=False,
            )
            self.returncode = done.returncode
            if not self.returncode:
                json.loads(done.stdout)
        except (OSError, ValueError, subprocess.TimeoutExpired) as error:
            reason = getattr(error, "strerror", "") or "it did not print JSON"
            if isinstance(error, subprocess.TimeoutExpired):
                reason = f"it did not end within {_PROCESS_TIMEOUT} s"
            raise CredentialsError(
                f"the profile's credential_process '{self._command[0]}' failed: {reason}",
                advice="Run it by hand: it may need a login first",
            ) from None
        return done.stdout, done.stderr
