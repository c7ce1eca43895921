"""What is raised for misuse. What a message or the DNS says is never an exception."""

from __future__ import annotations

from typing import Any

from . import _abi


class PostsealError(Exception):
    """The caller or the environment is at fault; `status` is the C ABI's number."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text or "status %d" % status)
        self.status = status

    def __reduce__(self) -> Any:
        return type(self), (self.status, str(self))


class ArgumentError(PostsealError, ValueError):
    """An argument is not as described."""


class StateError(PostsealError):
    """The call is out of order."""


class TooLargeError(PostsealError, ValueError):
    """More than a limit allows."""


class NotFoundError(PostsealError, LookupError):
    """The result has no such part, or no query has this id."""


class KeyFileError(PostsealError, ValueError):
    """A key cannot be used, or could not sign."""


class EnvironmentFault(PostsealError, OSError):
    """A file, a socket or a library failed."""


_CLASSES = {
    _abi.E_ARGUMENT: ArgumentError,
    _abi.E_STATE: StateError,
    _abi.E_TOO_LARGE: TooLargeError,
    _abi.E_UNKNOWN_QUERY: NotFoundError,
    _abi.E_NOT_FOUND: NotFoundError,
    _abi.E_KEY: KeyFileError,
    _abi.E_ENVIRONMENT: EnvironmentFault,
}


def error_for(status: int, text: str) -> Exception:
    """The exception for a status below 0."""
    if status == _abi.E_NO_MEMORY:
        return MemoryError(text)
    return _CLASSES.get(status, PostsealError)(status, text)
