"""What the stand-ins have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import pulumi


class Resource(pulumi.CustomResource):
    """A resource with the real one's type and names in the state."""

    token: ClassVar[str]
    outputs: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None,
        props: Mapping[str, Any],
    ) -> None:
        props = {name: value for name, value in props.items() if value is not None}
        self._names = {_camel(name): name for name in (*props, *self.outputs)}
        super().__init__(self.token, resource_name, {**dict.fromkeys(self.outputs), **props}, opts)

    def translate_input_property(self, prop: str) -> str:
        """The name in the state of one of ours."""
        return _camel(prop) if prop in self._names.values() else prop

    def translate_output_property(self, prop: str) -> str:
        """The name here of one in the state."""
        return self._names.get(prop, prop)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)
