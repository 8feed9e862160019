"""Configuration: the ``personalize:`` keys, and the keys of pulumi-aws that stand in for them."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from . import readers
from .errors import ConfigurationError
from .service.names import parse_arn, snake

NAMESPACE = "personalize"
AUTONAMING = "pulumi:autonaming"
#: What is random in a pattern of `AUTONAMING`.
_RANDOM = re.compile(r"\$\{(?:uuid|(?:hex|alphanum|string|num)\(\d+\))\}")


class Settings(NamedTuple):
    """How to reach Amazon Personalize, and how long to wait for it.

    Each attribute is the configuration key of the same name in camelCase, as in
    ``personalize:createTimeout``.

    Attributes:
        region: AWS region where an ARN names none. ARNs of dataset groups and trackers name theirs,
            so this is for other resources to read.
        profile: Named profile of the AWS configuration files.
        endpoint_url: URL of the Personalize endpoint, for a local or private one.
        events_endpoint_url: URL of the Personalize Events endpoint, for applications to read; the
            provider itself sends no events.
        create_timeout: Seconds to wait for ACTIVE, more than 0, at most 86400.
        delete_timeout: Seconds to wait for a deletion, more than 0, at most 86400.
        max_attempts: Attempts of a call that is throttled or fails at AWS, 1 to 100.
        ownership_tag: Whether trackers carry a tag that names the resource which created them.
        assume_role: Role to assume, or a list of roles, each assumed by the one before.
        allowed_account_ids: The only AWS accounts whose dataset groups may be used.
        forbidden_account_ids: AWS accounts whose dataset groups must not be used.
        default_tags: Tags of all trackers; a tracker's own tags override them.
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
        """Reads a configuration, flat as in ``{"personalize:region": "eu-west-1"}``.

        Raises:
            ConfigurationError: A key is unknown, or a value can't be used.
        """
        for key in config:
            namespace, colon, name = key.partition(":")
            if namespace == NAMESPACE and colon and name not in KEYS:
                raise _unknown(key, name)
            # A provider's own configuration may hold others' keys without a namespace, too.
            if not colon and (meant := _SPELLINGS.get(key.replace("_", "").lower())):
                raise readers.error(key, f"has no namespace (did you mean {NAMESPACE}:{meant}?)")
        values = {}
        for name, (kind, theirs) in _SOURCES.items():
            if key := _first((f"{NAMESPACE}:{name}", *theirs), config):
                values[snake(name)] = kind.read(key, config[key])
        return cls(**values)

    def problem_of(self, account: str) -> str | None:
        """Returns why an AWS account must not be used, or ``None``."""
        if self.allowed_account_ids and account not in self.allowed_account_ids:
            allowed = ", ".join(self.allowed_account_ids)
            return f"account {account} is not in allowedAccountIds ({allowed})"
        if account in (self.forbidden_account_ids or ()):
            return f"account {account} is in forbiddenAccountIds"
        return None

    def problem_of_group(self, group: str | None) -> str | None:
        """Returns why the account in a dataset group's ARN must not be used, or ``None``."""
        arn = parse_arn(group or "")
        return self.problem_of(arn.account) if arn else None


#: Each key's kind, and the keys of pulumi-aws that stand in for it, in order of precedence.
_SOURCES: dict[str, tuple[readers.Kind, tuple[str, ...]]] = {
    "region": (readers.TEXT, ()),
    "profile": (readers.TEXT, ("aws:profile",)),
    "endpointUrl": (readers.URL, ()),
    "eventsEndpointUrl": (readers.URL, ()),
    "createTimeout": (readers.SECONDS, ()),
    "deleteTimeout": (readers.SECONDS, ()),
    "maxAttempts": (readers.ATTEMPTS, ()),
    "ownershipTag": (readers.BOOLEAN, ()),
    "assumeRole": (readers.ROLES, ("aws:assumeRoles", "aws:assumeRole")),
    "allowedAccountIds": (readers.ACCOUNTS, ("aws:allowedAccountIds",)),
    "forbiddenAccountIds": (readers.ACCOUNTS, ("aws:forbiddenAccountIds",)),
    "defaultTags": (readers.TAGS, ("aws:defaultTags",)),
}
#: The keys, without their namespace.
KEYS = tuple(_SOURCES)
_SPELLINGS = {key.lower(): key for key in KEYS}
#: The keys of pulumi-aws that have no effect on event trackers, and what to use instead.
_UNUSED = {
    # Credentials come from AWS's own chain and are never part of a state.
    "accessKey": f"{NAMESPACE}:profile",
    "secretKey": f"{NAMESPACE}:profile",
    "token": f"{NAMESPACE}:profile",
    "assumeRoleWithWebIdentity": f"{NAMESPACE}:profile",
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
_OFF: tuple[Any, ...] = (None, "", "false", False, "[]", [], "{}", {})


def _first(keys: Iterable[str], present: Collection[str]) -> str:
    return next((key for key in keys if key in present), "")


def _unknown(key: str, name: str) -> ConfigurationError:
    import difflib

    if close := difflib.get_close_matches(name, KEYS, n=1):
        hint = f"did you mean {NAMESPACE}:{close[0]}?"
        return readers.error(key, f"unknown configuration key ({hint})")
    advice = (
        f"Expected one of {', '.join(KEYS)}. In a project called {NAMESPACE}, keep your own "
        "values under another name, as in shop:KEY"
    )
    return readers.error(key, "unknown configuration key", advice)


def behind(config: Iterable[str]) -> list[str]:
    """Returns the keys of a configuration that are pulumi-aws's and stand in for keys of ours."""
    present = set(config)
    return [key for _, keys in _SOURCES.values() for key in keys if key in present]


def lacking(names: Iterable[str], config: Mapping[str, Any], secret: Collection[str] = ()) -> str:
    """Returns the commands that set what Pulumi does not pass to the native provider, if any.

    Args:
        names: The keys of pulumi-aws that the stack's configuration has.
        config: The configuration that reaches the provider.
        secret: Those of the names whose values are secrets.
    """
    present = set(names)
    missing = {
        name: key
        for name, (_, keys) in _SOURCES.items()
        if (key := _first(keys, present)) and f"{NAMESPACE}:{name}" not in config
    }
    if not missing:
        return ""
    commands = []
    for name, key in missing.items():
        option = "--secret " if key in secret else ""
        value = f'"$(pulumi config get {key})"'
        commands.append(f"pulumi config set {option}{NAMESPACE}:{name} {value}")
    keys = ", ".join(missing.values())
    return f"Pulumi does not pass {keys} to this provider. Run {'; '.join(commands)}"


def autonaming(config: Mapping[str, Any], kind: str) -> Mapping[str, str]:
    """Returns the mode or pattern of `AUTONAMING` for a resource type; empty for Pulumi's default.

    Source: https://www.pulumi.com/docs/iac/concepts/resources/names/
    """
    given = config.get(AUTONAMING) or {}
    whole = json.loads(given) if isinstance(given, str) else given
    package = (whole.get("providers") or {}).get(kind.partition(":")[0]) or {}
    levels = ((package.get("resources") or {}).get(kind) or {}, package, whole)
    found = next((level for level in levels if level.keys() & {"mode", "pattern"}), {})
    return {} if found.get("mode") == "default" else found


def has_fixed_names(config: Mapping[str, Any], kind: str) -> bool:
    """Whether `AUTONAMING` makes Pulumi delete first at every replacement of a resource type.

    It does so for names without anything random, even if the program sets a name, or
    ``delete_before_replace=False``.
    """
    naming = autonaming(config, kind)
    return bool(naming) and not _RANDOM.search(naming.get("pattern", ""))


def ignored(config: Mapping[str, Any], environment: Mapping[str, str]) -> str:
    """Returns the warning of pulumi-aws's keys that have no effect; empty for none.

    A key whose replacement is set, in the configuration or the environment, needs no warning.
    """
    keys = [
        f"aws:{key} (instead: {instead})"
        for key, instead in _UNUSED.items()
        if config.get(f"aws:{key}") not in _OFF
        and instead not in config
        and instead not in environment
    ]
    return f"event trackers ignore {', '.join(keys)}" if keys else ""
