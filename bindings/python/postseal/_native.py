"""The shared libraries, and handles that are freed with their Python objects."""

from __future__ import annotations

import ctypes
import os
import weakref
from pathlib import Path
from typing import Any, Callable, TypeVar

from . import _abi
from .errors import error_for

_Self = TypeVar("_Self", bound="Handle")
_SONAME = "libpostseal.so.0"
_UNBOUND_SONAME = "libpostseal-unbound.so.0"


def _find(soname: str, variable: str) -> str:
    """The library that the environment names, the one in the package, or the system's."""
    named = os.environ.get(variable)
    if named:
        return named
    carried = Path(__file__).parent / "_lib" / soname
    return str(carried) if carried.exists() else soname


def _load(path: str, functions: dict[str, tuple[Any, list[Any]]]) -> ctypes.CDLL:
    library = ctypes.CDLL(path)
    for name, (result, arguments) in functions.items():
        function = getattr(library, name)
        function.restype = result
        function.argtypes = arguments
    return library


lib = _load(_find(_SONAME, "POSTSEAL_LIBRARY"), _abi.FUNCTIONS)
_unbound: ctypes.CDLL | None = None


def unbound_lib() -> ctypes.CDLL:
    """libpostseal-unbound, loaded when it is first needed."""
    global _unbound
    if _unbound is None:
        _unbound = _load(_find(_UNBOUND_SONAME, "POSTSEAL_UNBOUND_LIBRARY"),
                         _abi.UNBOUND_FUNCTIONS)
    return _unbound


def message_octets(data: bytes) -> bytes:
    """A message or a part of it. Text is refused: it has lost which octets it was made of."""
    if isinstance(data, bytes):
        return data
    if isinstance(data, (bytearray, memoryview)):
        return bytes(data)
    raise TypeError("a message is bytes, not %s" % type(data).__name__)


def octets(text: str | bytes) -> bytes:
    """What is sent in SMTP and DNS for `text`."""
    if isinstance(text, str):
        return text.encode("utf-8", "surrogateescape")
    if isinstance(text, (bytes, bytearray, memoryview)):
        return bytes(text)
    raise TypeError("str or bytes, not %s" % type(text).__name__)


def copy(view: _abi.Bytes) -> bytes:
    """The octets that a handle has lent."""
    return ctypes.string_at(view.data, view.len) if view.len else b""


def text(view: _abi.Bytes) -> str:
    return copy(view).decode("utf-8", "surrogateescape")


def _take_error(error: ctypes.c_void_p) -> str:
    if not error.value:
        return ""
    words = _abi.Bytes()
    lib.postseal_error_text(error, ctypes.byref(words))
    said = text(words)
    lib.postseal_error_free(error)
    return said


def create(function: Callable[..., int], *arguments: Any, says_why: bool = True) -> ctypes.c_void_p:
    """Calls a constructor; the handle is its last output but for the error, if it `says_why`."""
    handle = ctypes.c_void_p()
    error = ctypes.c_void_p()
    last = [ctypes.byref(error)] if says_why else []
    status = function(*arguments, ctypes.byref(handle), *last)
    if status < 0:
        raise error_for(status, _take_error(error))
    return handle


def take_text(handle: ctypes.c_void_p) -> str:
    """The text of a postseal_text, which is freed."""
    view = _abi.Bytes()
    lib.postseal_text_bytes(handle, ctypes.byref(view))
    said = text(view)
    lib.postseal_text_free(handle)
    return said


class Handle:
    """A handle of the C ABI. `close` frees it; so does the end of a `with` block or of the
    object."""

    def __init__(self, handle: ctypes.c_void_p, free: Callable[[Any], None],
                 error: Callable[..., int] | None = None) -> None:
        self._handle: ctypes.c_void_p | None = handle
        self._error = error
        self._finalizer = weakref.finalize(self, free, handle)

    @property
    def raw(self) -> ctypes.c_void_p:
        if self._handle is None:
            raise error_for(_abi.E_STATE, "the object is closed")
        return self._handle

    def __enter__(self: _Self) -> _Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Frees what the library holds; the object is of no use then."""
        self._handle = None
        self._finalizer()

    def check(self, status: int) -> int:
        """Returns a status that is no error, and raises one that is."""
        if status >= 0:
            return status
        words = _abi.Bytes()
        if self._error is not None and self._handle is not None:
            self._error(self._handle, ctypes.byref(words))
        raise error_for(status, text(words))

    def text_of(self, function: Callable[..., int], *arguments: Any) -> str:
        """The text that `function` gives as its last output."""
        view = _abi.Bytes()
        self.check(function(self.raw, *arguments, ctypes.byref(view)))
        return text(view)
