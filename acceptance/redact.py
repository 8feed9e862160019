"""What of a call may stand in a recording: what the run made, and what the service model names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from .recorder import Record

STRING, TIME, NUMBER = "<string>", "<time>", "<number>"
_STATUSES = {"ACTIVE", "CREATE", "DELETE", "PENDING", "IN_PROGRESS", "FAILED"}
_PLACEHOLDER = re.compile(r"\{[\w :-]+\}(-\w)?")
#: In a message: a word as English writes it, and a small number.
_WORD = re.compile(r"[A-Za-z][a-z]*|[A-Z]{2,12}")
_NUMBER = re.compile(r"\d{1,3}")
#: What a read shows beside statuses and tags.
_STATE = re.compile(r"[A-Z]\w+Exception|no [a-zA-Z]+|done|None")
_ACTION = re.compile(r"\bpersonalize:[A-Z][A-Za-z]+")
_FORM = re.compile(r"arn:aws[a-z-]*:personalize:\{region\}:\{account\}:[a-z-]+/ID|\{[\w :-]+\}")


class Redaction:
    """Replaces what may not stand in a recording.

    Args:
        names: The values that the run made, the region and the account, by what stands for each.
        caller: What is known of the caller, as user and session, which messages may name.
        model: The names in the service model, and the words of its descriptions.
    """

    def __init__(self, names: Mapping[str, str], caller: set[str], model: set[str]) -> None:
        self._run = names["run"]
        self._values = {value: f"{{{name}}}" for name, value in names.items()}
        longest = sorted(self._values, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, longest)))
        self._caller = {word.lower() for word in caller}
        self._model = model

    def records(self, records: Mapping[str, Record]) -> dict[str, Record]:
        """Returns records without what may not stand in a recording."""
        own = {text for record in records.values() for text in _texts(record.request)}
        return {step: self._record(record, own) for step, record in records.items()}

    def _record(self, record: Record, own: set[str]) -> Record:
        # What others than Personalize say, as IAM does, may name anything.
        is_declared = record.code in self._model
        message = self._message(record.message) if is_declared else ""
        return replace(
            record,
            request=self._request(record.request),
            code=record.code if re.fullmatch("[A-Za-z]{0,60}", record.code) else STRING,
            message=message or " ".join(_ACTION.findall(record.message)),
            answer=self._answer(record.answer, own),
            forms={key: self._form(form) for key, form in record.forms.items()},
            polls=[(seconds, self._state(state, own)) for seconds, state in record.polls],
        )

    def _named(self, text: str) -> str:
        return self._known.sub(lambda found: self._values[found[0]], text)

    def _message(self, text: str) -> str:
        """A message, word by word: those that are no English are left out."""
        # Names of steps have spaces.
        words = re.findall(r"\{[\w :-]+\}\S*|\S+", self._named(text))
        return " ".join(word if self._is_allowed(word) else STRING for word in words)

    def _is_allowed(self, word: str) -> bool:
        bare = word.strip(".,:;!?'\"()[]")
        if bare.lower() in self._caller:
            return False
        is_word = bare.lower() in self._model and _WORD.fullmatch(bare)
        is_known = not bare or bare in self._model or bare in _STATUSES or is_word
        patterns = (_NUMBER, _PLACEHOLDER, _ACTION)
        return bool(is_known) or any(pattern.fullmatch(bare) for pattern in patterns)

    def _state(self, state: str, own: set[str]) -> str:
        """What a read has shown: codes, statuses, the run's tags, and that there is nothing."""
        parts = state.split(", ")
        return ", ".join(
            part
            if part in own or set(part.split()) <= _STATUSES or _STATE.fullmatch(part)
            else STRING
            for part in parts
        )

    def _form(self, form: str) -> str:
        named = self._named(form)
        return named if _FORM.fullmatch(named) else STRING

    def _request(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: self._request(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self._request(one) for one in value]
        return self._named(value) if isinstance(value, str) else value

    def _answer(self, value: Any, own: set[str]) -> Any:
        if isinstance(value, Mapping):
            return {key: self._answer(it, own) for key, it in value.items() if key in self._model}
        if isinstance(value, list):
            return [self._answer(one, own) for one in value if self._is_of_the_run(one, own)]
        if isinstance(value, bool) or value is None:
            return value
        if isinstance(value, str):
            named = self._named(value)
            is_status = set(value.split()) <= _STATUSES
            return named if value in own or is_status or _PLACEHOLDER.fullmatch(named) else STRING
        return NUMBER if isinstance(value, int | float) else TIME

    def _is_of_the_run(self, entry: Any, own: set[str]) -> bool:
        texts = set(_texts(entry))
        is_arn_of_the_run = any(it in self._values for it in texts if it.startswith("arn:"))
        is_tag_of_the_run = isinstance(entry, Mapping) and entry.get("tagKey") in own
        is_named_so = any(text.startswith(self._run) for text in texts)
        return is_arn_of_the_run or is_tag_of_the_run or is_named_so


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for one in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(one)
