"""Configuration: what it may hold, and what it means where it is silent."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from ..errors import ConfigurationError
from . import arns, readers
from .names import snake

NAMESPACE = "personalize"


class Settings(NamedTuple):
    """How to reach Amazon Personalize, and how patient to be.

    Each attribute is the configuration key of the same name in camelCase, as in
    ``personalize:createTimeout``.

    Attributes:
        region: AWS region where an ARN names none; those of dataset groups and trackers all do, so
            this is for other resources to read. Behind it: ``aws:region``, then boto3's own chain.
        profile: Named profile of the AWS configuration files. Behind it: ``aws:profile``, then
            boto3's own chain.
        endpoint_url: URL of the Personalize endpoint, for a local or private one.
        events_endpoint_url: URL of the Personalize Events endpoint, for applications that take it
            from the stack's configuration; the provider itself sends no events.
        create_timeout: Seconds to wait for ACTIVE, more than 0, at most 86400.
        delete_timeout: Seconds to wait until a tracker is gone, more than 0, at most 86400.
        max_attempts: How often a call that is throttled or fails on the service's side is made,
            1 to 100.
        ownership_tag: Whether a tracker carries a tag that names the resource which made it.
        assume_role: Role to assume, or a chain of them. Behind it: ``aws:assumeRoles``, then
            ``aws:assumeRole``.
        allowed_account_ids: The only AWS accounts whose dataset groups may be used. Behind it:
            ``aws:allowedAccountIds``.
        forbidden_account_ids: AWS accounts whose dataset groups may not be used. Behind it:
            ``aws:forbiddenAccountIds``.
        default_tags: Tags of each tracker; its own go before them. Behind it: ``aws:defaultTags``.
    """

    region: str | None = None
    profile: str | None = None
    endpoint_url: str | None = None
    events_endpoint_url: str | None = None
    create_timeout: float = 1800.0
    delete_timeout: float = 1800.0
    max_attempts: int = 20
    ownership_tag: bool = True
    assume_role: tuple[readers.Role, ...] | None = None
    allowed_account_ids: tuple[str, ...] | None = None
    forbidden_account_ids: tuple[str, ...] | None = None
    default_tags: Mapping[str, str] | None = None

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Settings:
        """Reads the ``personalize:`` keys of a flat configuration, and ``aws:`` ones behind them.

        Args:
            config: Keys as ``personalize:region``; values as strings, or already typed.

        Raises:
            ConfigurationError: A key is unknown, or a value can't be used.
        """
        given = {
            key.removeprefix(f"{NAMESPACE}:"): key
            for key in config
            if key.startswith(f"{NAMESPACE}:")
        }
        for name, key in given.items():
            if name not in _READERS:
                raise _unknown(name, key)
        for key in config:
            # Of a provider with a configuration of its own: anybody else's keys are left alone.
            if meant := _PLAIN.get(key.replace("_", "").lower()):
                raise readers.error(key, f"has no namespace (did you mean {NAMESPACE}:{meant}?)")
        for name, keys in _BEHIND.items():
            for key in keys:
                if key in config:
                    given.setdefault(name, key)
        return cls(**{snake(name): _READERS[name](key, config[key]) for name, key in given.items()})

    def problem_of(self, account: str) -> str | None:
        """Why an AWS account is not to be used; ``None`` where it may be."""
        if self.allowed_account_ids and account not in self.allowed_account_ids:
            allowed = ", ".join(self.allowed_account_ids)
            return f"account {account} is not in allowedAccountIds ({allowed})"
        if account in (self.forbidden_account_ids or ()):
            return f"account {account} is in forbiddenAccountIds"
        return None

    def problem_of_group(self, group: str | None) -> str | None:
        """`problem_of` the account that the ARN of a dataset group names."""
        arn = arns.parse(group or "")
        return self.problem_of(arn.account) if arn else None


def _unknown(name: str, key: str) -> ConfigurationError:
    import difflib

    close = difflib.get_close_matches(name, _READERS, n=1)
    if close:
        return readers.error(
            key, f"unknown configuration key (did you mean {NAMESPACE}:{close[0]}?)"
        )
    advice = (
        f"Expected one of {', '.join(_READERS)}. In a project called {NAMESPACE}, keep your own "
        "values under another name, as in shop:KEY, and read them with pulumi.Config('shop')"
    )
    return readers.error(key, "unknown configuration key", advice)


_READERS: dict[str, Any] = {
    "region": readers.text,
    "profile": readers.text,
    "endpointUrl": readers.url,
    "eventsEndpointUrl": readers.url,
    "createTimeout": readers.seconds,
    "deleteTimeout": readers.seconds,
    "maxAttempts": readers.attempts,
    "ownershipTag": readers.flag,
    "assumeRole": readers.roles,
    "allowedAccountIds": readers.accounts,
    "forbiddenAccountIds": readers.accounts,
    "defaultTags": readers.default_tags,
}

#: The keys of pulumi-aws that count where ours are silent, the first of them that is there.
_BEHIND = {
    "region": ("aws:region",),
    "profile": ("aws:profile",),
    "assumeRole": ("aws:assumeRoles", "aws:assumeRole"),
    "allowedAccountIds": ("aws:allowedAccountIds",),
    "forbiddenAccountIds": ("aws:forbiddenAccountIds",),
    "defaultTags": ("aws:defaultTags",),
}


def behind(config: Iterable[str]) -> list[str]:
    """The keys of a configuration that are pulumi-aws's, and count where ours are silent."""
    keys = [key for alternatives in _BEHIND.values() for key in alternatives]
    return [key for key in keys if key in config]


def lacking(names: Iterable[str], config: Mapping[str, Any], secret: Collection[str] = ()) -> str:
    """What a user is told whose keys of pulumi-aws do not reach the provider; empty for nothing.

    Args:
        names: Those that are set, as `behind` gives them.
        config: What does reach it.
        secret: Those of the names whose values are secrets.
    """
    set_there = set(names)
    told = []
    for name, alternatives in _BEHIND.items():
        key = next((key for key in alternatives if key in set_there), None)
        if key and f"{NAMESPACE}:{name}" not in config:
            flag = "--secret " if key in secret else ""
            value = f'"$(pulumi config get {key})"'
            told.append((key, f"pulumi config set {flag}{NAMESPACE}:{name} {value}"))
    if not told:
        return ""
    keys = ", ".join(key for key, _ in told)
    commands = "; ".join(command for _, command in told)
    return f"Pulumi does not pass {keys} to this provider. Run {commands}"


#: The configuration keys, without their namespace.
KEYS = tuple(_READERS)
#: The same as somebody may write them who leaves the namespace out.
_PLAIN = {key.lower(): key for key in KEYS}

AUTONAMING = "pulumi:autonaming"
_CREDENTIALS = f"{NAMESPACE}:profile"
#: What pulumi-aws takes and this provider does not, where it would change what a user gets: what
#: says the same here, a key of ours or a variable that boto3 reads.
_IGNORED = {
    # Not even where it is a secret: credentials are AWS's own chain's, and no part of a state.
    "accessKey": _CREDENTIALS,
    "secretKey": _CREDENTIALS,
    "token": _CREDENTIALS,
    "assumeRoleWithWebIdentity": _CREDENTIALS,
    "sharedConfigFiles": "AWS_CONFIG_FILE",
    "sharedCredentialsFiles": "AWS_SHARED_CREDENTIALS_FILE",
    "endpoints": f"{NAMESPACE}:endpointUrl",
    "customCaBundle": "AWS_CA_BUNDLE",
    "httpProxy": "HTTP_PROXY",
    "httpsProxy": "HTTPS_PROXY",
    "noProxy": "NO_PROXY",
    "insecure": "AWS_CA_BUNDLE",
    "useFipsEndpoint": "AWS_USE_FIPS_ENDPOINT",
    "useDualstackEndpoint": "AWS_USE_DUALSTACK_ENDPOINT",
    "ec2MetadataServiceEndpoint": "AWS_EC2_METADATA_SERVICE_ENDPOINT",
    "stsRegion": "AWS_ENDPOINT_URL_STS",
    "maxRetries": f"{NAMESPACE}:maxAttempts",
    "ignoreTags": "the option ignore_changes",
}


def ignored(config: Mapping[str, Any], environment: Mapping[str, str]) -> dict[str, str]:
    """Warnings of configuration that is not used, by what it is about.

    Args:
        config: Keys as ``aws:endpoints``.
        environment: The environment variables: what one of them says is said.
    """
    told = [
        f"aws:{key} (instead: {instead})"
        for key, instead in _IGNORED.items()
        if config.get(f"aws:{key}") not in (None, "", "false", False, "[]", [], "{}", {})
        and instead not in config
        and instead not in environment
    ]
    warnings = {"aws": f"event trackers do not use {', '.join(told)}"} if told else {}
    if AUTONAMING in config:
        warnings[AUTONAMING] = f"{AUTONAMING} does not reach event trackers (instead: name=...)"
    return warnings
