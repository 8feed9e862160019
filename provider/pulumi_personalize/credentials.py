"""boto3 sessions with the credentials that the settings ask for, and whose they are."""

from __future__ import annotations

import functools
import json
import re
import subprocess
import threading
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
#: What the hosts of AWS's endpoints end with, by partition and kind of endpoint, and the labels
#: that name the service; hosts of users, as of a load balancer, may end like that, too.
_AWS = (
    ".amazonaws.com",
    ".amazonaws.com.cn",
    ".api.aws",
    ".api.amazonwebservices.com.cn",
    ".amazonaws.eu",
    ".api.amazonwebservices.eu",
    ".ic.gov",
    ".sc2s.sgov.gov",
    ".api.aws.scloud",
    ".adc-e.uk",
)
_SERVICES = {"personalize", "personalize-fips", "sts", "sts-fips"}
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


class Account:
    """The account of the credentials, for which STS is asked until it has told; thread-safe.

    Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._clients: dict[str | None, Any] = {}
        #: By region: the same credentials are of the same account in all, but STS may fail in one.
        self._found: dict[str | None, str | Exception] = {}

    def ask(self, session: boto3.Session, personalize_url: str | None = None) -> str | None:
        """Asks the STS of the session's region, with one attempt; failures are kept, too.

        Returns ``None`` if the URL of Personalize is given and STS is elsewhere, see `place_of`: it
        does not tell in which account Personalize looks.
        """
        region = session.region_name
        with self._lock:
            if region not in self._clients:
                self._clients[region] = _sts(session)
            sts = self._clients[region]
            place = place_of(sts.meta.endpoint_url)
            if personalize_url is not None and place != place_of(personalize_url):
                return None
            for account in self._found.values():
                if isinstance(account, str):
                    return account
            if region not in self._found:
                try:
                    self._found[region] = _caller_account(sts)
                except Exception as error:
                    self._found[region] = error
            found = self._found[region]
        if isinstance(found, Exception):
            raise found
        return found


def _caller_account(sts: Any) -> str:
    account = sts.get_caller_identity().get("Account")
    if not isinstance(account, str) or not re.fullmatch(r"\d{12}", account):
        raise UnexpectedResponseError("STS names no account")
    return account


def _sts(session: boto3.Session) -> Any:
    from botocore.config import Config

    config = Config(
        connect_timeout=5,
        read_timeout=5,
        retries={"total_max_attempts": 1},
        user_agent_extra="pulumi-personalize",
    )
    return session.client("sts", config=config)


def place_of(url: str) -> tuple[str, int | None]:
    """Returns host and port of an endpoint; those of AWS's services are one place."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host.endswith(_AWS) and _SERVICES.intersection(host.split(".")):
        return AWS, None
    return host, parts.port or _PORTS.get(parts.scheme)


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
        name = self._command[0]
        try:
            done = subprocess.run(  # noqa: S603 - the user's own, as botocore runs it
                self._command,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_PROCESS_TIMEOUT,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise _process_failed(name, f"it did not end within {_PROCESS_TIMEOUT} s") from None
        except OSError as error:
            raise _process_failed(name, error.strerror or "it can't be run") from None
        self.returncode = done.returncode
        if self.returncode:
            # The last words of a traceback are the reason.
            words = " ".join(done.stderr.decode(errors="replace").split())[-200:]
            raise _process_failed(name, f"it ended with {self.returncode}: {words}")
        try:
            is_object = isinstance(json.loads(done.stdout), dict)
        except ValueError:
            is_object = False
        if not is_object:
            raise _process_failed(name, "it did not print a JSON object")
        return done.stdout, done.stderr


def _process_failed(name: str, reason: str) -> CredentialsError:
    return CredentialsError(
        f"the profile's credential_process '{name}' failed: {reason}",
        advice="Run it by hand: it may need a login first",
    )
