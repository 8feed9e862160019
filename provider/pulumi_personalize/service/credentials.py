"""Sessions of boto3 with the credentials that the settings ask for."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import ConfigurationError
from .settings import Settings

if TYPE_CHECKING:
    import boto3
    from botocore.session import Session


class Sessions:
    """Makes sessions; with roles to assume, all with the same credentials.

    STS is asked for the account of these once, and only where accounts are allowed or forbidden.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._assumed: _Assumed | None = None
        self._account: str | None = None

    def new(self, region: str | None) -> boto3.Session:
        """A session for a region.

        Raises:
            ConfigurationError: The role's account is not to be used.
        """
        import boto3
        import botocore.session

        core = botocore.session.get_session()
        session = boto3.Session(
            botocore_session=core, profile_name=self._settings.profile, region_name=region
        )
        if self._settings.assume_role:
            self._assumed = self._assumed or self._assume(core)
            core.register_component("credential_provider", self._assumed)
            if self._settings.allowed_account_ids or self._settings.forbidden_account_ids:
                self._refuse_account(session)
        return session

    def _assume(self, core: Session) -> _Assumed:
        """The credentials of the last role, each assumed, and again in time, by the one before."""
        from botocore import credentials, exceptions
        from botocore.config import Config

        config = Config(connect_timeout=5, user_agent_extra="pulumi-personalize")
        new_client = functools.partial(core.create_client, config=config)
        held = core.get_component("credential_provider").load_credentials()
        if held is None:
            raise exceptions.NoCredentialsError
        for role in self._settings.assume_role or ():
            fetcher = credentials.AssumeRoleCredentialFetcher(
                new_client, held, role.arn, extra_args=dict(role.arguments)
            )
            held = credentials.DeferredRefreshableCredentials(
                fetcher.fetch_credentials, "assume-role"
            )
        return _Assumed(held)

    def _refuse_account(self, session: boto3.Session) -> None:
        self._account = self._account or session.client("sts").get_caller_identity()["Account"]
        if problem := self._settings.problem_of(self._account):
            raise ConfigurationError(
                problem,
                operation="assuming",
                resource=(self._settings.assume_role or ())[-1].arn,
                advice="Assume a role of an account that is allowed",
            )


class _Assumed(NamedTuple):
    """What gives botocore the credentials, in place of its own chain."""

    credentials: Any

    def load_credentials(self) -> Any:
        return self.credentials
