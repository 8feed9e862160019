"""boto3 sessions with the credentials that the settings ask for."""

from __future__ import annotations

import functools
from types import SimpleNamespace
from typing import TYPE_CHECKING

from .errors import ConfigurationError
from .settings import Settings

if TYPE_CHECKING:
    import boto3
    from botocore.session import Session


class Sessions:
    """Makes sessions, which share the credentials of the roles to assume.

    If accounts are allowed or forbidden, asks STS once for the account of the last role.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._roles = settings.assume_role or ()
        self._assumed: SimpleNamespace | None = None
        self._account: str | None = None

    def new(self, region: str | None) -> boto3.Session:
        """Returns a session for a region.

        Raises:
            ConfigurationError: The last role's account must not be used.
        """
        import boto3
        import botocore.session

        core = botocore.session.get_session()
        session = boto3.Session(
            botocore_session=core, profile_name=self._settings.profile, region_name=region
        )
        if self._roles:
            self._assumed = self._assumed or self._assume(core)
            core.register_component("credential_provider", self._assumed)
            if self._settings.allowed_account_ids or self._settings.forbidden_account_ids:
                self._check_account(session)
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

    def _check_account(self, session: boto3.Session) -> None:
        self._account = self._account or session.client("sts").get_caller_identity()["Account"]
        if problem := self._settings.problem_of(self._account):
            raise ConfigurationError(
                problem,
                operation="assuming",
                resource=self._roles[-1]["RoleArn"],
                advice="Assume a role of an account that is allowed",
            )
