"""Places that fsspec reaches, and what went wrong there in words for a person; imported libraries stay in here.

Source  fsspec, https://filesystem-spec.readthedocs.io/en/latest/api.html
"""

from __future__ import annotations

import errno
import re
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote

from datapkg.model import LANES, MissingExtra, Unreachable, UsageError, did_you_mean, limits
from datapkg.registry.download import fetched

T = TypeVar("T")

ATTEMPTS = 4
PAUSE = 0.2
"""Seconds before the second attempt; doubled before each further one."""
S3 = ("s3", "s3a")
HTTP = ("http", "https")
EXTRAS = {"s3": "s3", "s3a": "s3", "gs": "gcs", "gcs": "gcs"}
_FAILURES = (("aiohttp", "ClientError"), ("botocore.exceptions", "BotoCoreError"),
             ("botocore.exceptions", "ClientError"), ("gcsfs.retry", "HttpError"),
             ("google.auth.exceptions", "GoogleAuthError"))  # fmt: skip
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_CONFLICTS = {"PreconditionFailed", "ConditionalRequestConflict", "412", "409"}
_UNABLE = {"NotImplemented", "501"}


def local(url: str) -> Path | None:
    """Return the folder that a URL or path names on the local disk, None if it is elsewhere.

    Source  RFC 8089: file:/path, file:///path and file://localhost/path are one
    Raises  UsageError for a URL that lacks its slashes, or a file of another host
    """
    scheme, found, rest = url.partition(":")
    if found and scheme.lower() in ("file", "local"):
        return _file(url, rest)
    if "://" not in url and "::" not in url:
        if re.match(r"[a-z][a-z0-9+]+:", url):
            raise UsageError(f"'{url}' is neither a folder nor a URL; did you mean '{url.replace(':', '://', 1)}'?")
        if "\0" in url:
            raise UsageError("the name of a folder holds a character NUL, which no file system knows")
        try:
            return Path(url).expanduser()
        except RuntimeError as error:
            raise UsageError(f"'{url}' begins with the home folder of nobody; did you mean './{url}'?") from error
    return None


def _file(url: str, rest: str) -> Path:
    """Return the path that a URL of a file names, from what stands behind its scheme."""
    host, slash, path = rest[2:].partition("/") if rest.startswith("//") else ("", rest[:1], rest[1:])
    plain = unquote(path)
    if host.lower() not in ("", "localhost"):
        host = host.rpartition("@")[2]
        raise UsageError(f"'{shown(url)}' is a file of the host '{host}', which is not read from here; "
                         f"did you mean 'file:///{host}/{path}'?")  # fmt: skip
    if slash != "/" or "\0" in plain or re.search("[?#]", path):
        raise UsageError(f"'{shown(url)}' names no folder; expected file:///folder, in it %3F for ? and %23 for #")
    return Path(plain if re.match("[A-Za-z]:", plain) else f"/{plain}")


def shown(url: str) -> str:
    """Return a URL as messages and frames show it: without user, password, query and fragment, where secrets stand."""
    plain = re.sub(r"://[^/?#]*@", "://", str(url))
    return re.sub(r"[?#].*", "", plain, flags=re.S) if "://" in plain else plain


def _open(text: str) -> str:
    """Return what a library says, with each address in it as we show it."""
    return re.sub(r"\w[\w+.-]*://[^\s'\"<>]+", lambda found: shown(found[0]), text)


@dataclass(frozen=True)
class Remote:
    """A folder of a file system of fsspec; `url` is as messages show it, `root` may hold secrets."""

    url: str
    scheme: str
    fs: Any = field(repr=False)
    root: str = field(repr=False)

    def path(self, name: str) -> str:
        """Return the full path of a file as the file system wants it."""
        root, mark, query = self.root.partition("?") if self.scheme in ("http", "https") else (self.root, "", "")
        return f"{root.rstrip('/')}/{name}{mark}{query}"

    def read(self, name: str, most: int) -> bytes:
        """Return the bytes of a file, at most `most`.

        Raises  FileNotFoundError if there is none; IntegrityError if it is larger; Unreachable if the place does not
                answer, refuses or is too slow
        """
        where = f"{self.url}/{name}"
        try:
            return retried(lambda: fetched(self.fs, self.path(name), most, where))
        except FileNotFoundError:
            raise FileNotFoundError(where) from None
        except failures() as error:
            # the failure itself holds the whole address, and a traceback would print it
            raise Unreachable(f"{where} cannot be read: {reason(error)}") from None


def connect(url: str, options: Mapping[str, Any] | None = None) -> Remote:
    """Return the place that a URL names; nothing is asked of it yet.

    Raises  UsageError for an unknown scheme, MissingExtra if the library for it is not installed
    """
    scheme, mark, rest = url.partition("://")
    scheme = scheme.lower()
    url = scheme + mark + rest
    _check_bucket(url, scheme, rest)
    try:
        import fsspec
        from fsspec.core import url_to_fs
    except ImportError as error:
        raise MissingExtra.of("fsspec", EXTRAS.get(scheme, "remote"), f"the registry {shown(url)}") from error
    settings = {**_defaults(scheme), **(options or {})}
    try:
        fs, root = url_to_fs(url, **settings)
    except ImportError as error:
        found = re.search(r"install (\S+)|requires \W?(\w+)", str(error))
        library = (found[1] or found[2]).strip("'\"`") if found else str(error)
        if scheme in (*EXTRAS, *HTTP):
            raise MissingExtra.of(library, EXTRAS.get(scheme, "remote"), f"the registry {shown(url)}") from error
        raise MissingExtra(f"the registry {shown(url)} needs {library}: pip install {library}") from error
    except ValueError as error:
        near = did_you_mean(scheme, fsspec.available_protocols())
        near = near or "; name a folder, or something like s3://bucket/path, gs://bucket/path or https://host/path"
        raise UsageError(f"{shown(url)} is no URL that fsspec can open: {_open(str(error))}{near}") from None
    return Remote(shown(url).rstrip("/"), scheme, fs, str(root))


def _check_bucket(url: str, scheme: str, rest: str) -> None:
    """Refuse addresses of a store that its library takes for others: without a bucket, with a query or an empty name.

    Raises  UsageError
    """
    if scheme not in EXTRAS:
        return
    if not rest.strip("/"):
        raise UsageError(f"'{shown(url)}' names no bucket; expected something like {scheme}://bucket/path")
    if re.search("[?#]", rest):
        raise UsageError(f"'{shown(url)}' has a query or a fragment, which a bucket knows none of; leave them out, and "
                         "keep secrets in the environment")  # fmt: skip
    if re.search("^/|//+[^/]", rest):
        near = f"{scheme}://{re.sub('/+', '/', rest).strip('/')}"
        raise UsageError(f"'{shown(url)}' has an empty name between two slashes; did you mean '{shown(near)}'?")


def _defaults(scheme: str) -> dict[str, Any]:
    """Return settings without which a scheme serves us badly."""
    if scheme in S3:  # a connection for each of the files that are sent at once
        return {"use_listings_cache": False, "config_kwargs": {"max_pool_connections": 2 * LANES}}
    if scheme not in HTTP:
        return {"use_listings_cache": False} if scheme in EXTRAS else {}
    try:
        import aiohttp
    except ImportError as error:
        raise MissingExtra.of("aiohttp", "remote", f"a registry on {scheme}") from error
    # aiohttp alone would wait five minutes for a dead host, break off a long download, walk past the proxy, and unpack
    # whatever a server sends
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=limits.SILENT, sock_read=limits.STALL)
    return {"client_kwargs": {"timeout": timeout, "trust_env": True, "auto_decompress": False}}


def retried(call: Callable[[], T]) -> T:
    """Return what a call returns, made again after failures that may pass; what else it raises goes through.

    s3fs and botocore try again by themselves, so that their failures are final here.
    """
    for attempt in range(1, ATTEMPTS):
        try:
            return call()
        except failures() as error:
            if not passing(error):
                raise
            time.sleep(PAUSE * 2 ** (attempt - 1))
    return call()


def failures() -> tuple[type[BaseException], ...]:
    """Return the exceptions by which file systems say that something failed, of the libraries that are loaded."""
    loaded = [getattr(sys.modules.get(module), name, None) for module, name in _FAILURES]
    # ValueError: an address or endpoint that a library finds wrong only once it is asked
    return (OSError, ValueError, *(kind for kind in loaded if kind is not None))


def passing(error: BaseException) -> bool:
    """Return whether the same call may succeed a moment later."""
    status = getattr(error, "status", None)
    if status is not None:
        return status in (408, 429) or status >= 500
    if isinstance(error, (ConnectionError, TimeoutError)):
        return True
    kind = type(error)
    # ClientConnector...: nobody listens, or there is no network; whoever is offline should not wait
    refused = issubclass(kind, ValueError) or kind.__name__.startswith("ClientConnector")
    return kind.__module__.startswith("aiohttp") and not refused


def conflict(error: BaseException) -> bool:
    """Return whether a store refused a write because somebody else wrote first."""
    return isinstance(error, FileExistsError) or _code(error) in _CONFLICTS


def _code(error: BaseException) -> str | None:
    """Return the code by which S3 and its like say what is wrong."""
    answer = getattr(error.__cause__ or error, "response", None)
    code: str | None = answer.get("Error", {}).get("Code") if isinstance(answer, dict) else None
    return code


def reason(error: BaseException) -> str:
    """Return what a failure means, in words."""
    number, status = getattr(error, "errno", None), getattr(error, "status", None)
    kind, text = type(error).__name__, _open((str(error).splitlines() or [""])[0])
    said = f"{kind}: {text}" if text else kind
    if isinstance(error, PermissionError) or status in (401, 403) or "Credentials" in kind:
        return f"no rights there ({said})"
    if _code(error) in _UNABLE:
        return (
            f"the store cannot write on condition, without which two publishers collide; publish to a folder ({said})"
        )
    if number in _FULL:
        return f"the disk is full ({said})"
    if number == errno.EROFS:
        return f"it is read-only ({said})"
    if isinstance(error, FileNotFoundError):
        return f"it does not exist ({said})"
    if status is not None and passing(error):
        return f"the server fails or is too busy ({said})"
    if isinstance(error, (ConnectionError, TimeoutError)) or passing(error) or "Connect" in kind:
        return f"no connection ({said})"
    return said
