"""Signatures over SHA256SUMS, made by minisign or ssh-keygen: existing tools and formats, no cryptography of ours.

Source  https://jedisct1.github.io/minisign/; PROTOCOL.sshsig of OpenSSH
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from datapkg.model import Layout, NotFound, UsageError
from datapkg.package import Signature
from datapkg.registry import SIGNATURES, SUMS


@dataclass(frozen=True)
class Key:
    """A secret key: its file, and the signature that its public half will verify."""

    path: Path
    signature: Signature


def key(path: Path) -> Key:
    """Return the key in a file, with the public key beside it (key.pub).

    Raises  NotFound if either is missing, UsageError for a file of another kind or an empty one
    """
    public = next((p for p in (path.with_suffix(".pub"), Path(f"{path}.pub")) if p.is_file()), None)
    if not path.is_file() or public is None:
        missing = path if not path.is_file() else Path(f"{path}.pub")
        raise NotFound(f"no {missing}; --sign takes a secret key of minisign or ssh-keygen, its public key beside it")
    line = public_key(public)
    head = path.read_text(encoding="utf-8", errors="replace").splitlines()[:1]
    if "minisign" in "".join(head):
        return Key(path, Signature("minisign", line))
    if "PRIVATE KEY" in "".join(head):
        return Key(path, Signature("ssh", line))
    raise UsageError(f"{path} is no secret key of minisign or ssh-keygen")


def public_key(path: Path) -> str:
    """Return the public key in a file that minisign or ssh-keygen wrote, without comments.

    Raises  UsageError for an empty file
    """
    lines = path.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    if not lines:
        raise UsageError(f"{path} is empty; expected a public key of minisign or ssh-keygen")
    return " ".join(lines[-1].split()[:2])


def signers(layout: Layout) -> dict[str, str]:
    """Return the public keys that a repository or the installed package holds, by the names of their files."""
    return {path.stem: public_key(path) for path in sorted(layout.keys.glob("*.pub"))}


def sign(folder: Path, secret: Key, comment: str) -> None:
    """Write the signature of a folder's SHA256SUMS beside it.

    Raises  UsageError if the tool is missing or refuses, with what it said
    """
    sums = str(folder / SUMS)
    commands = {
        "minisign": ["minisign", "-S", "-s", str(secret.path), "-m", sums, "-t", comment],
        "ssh": ["ssh-keygen", "-Y", "sign", "-f", str(secret.path), "-n", "file", sums],
    }
    tool = secret.signature.tool
    try:
        done = subprocess.run(commands[tool], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    except OSError as error:
        program = commands[tool][0]
        raise UsageError(f"{program} cannot be run ({error.strerror}); install it, or release unsigned") from error
    if done.returncode or not (folder / SIGNATURES[tool]).is_file():
        told = (done.stderr or done.stdout).strip().splitlines() or [f"exit code {done.returncode}"]
        raise UsageError(f"{commands[tool][0]}: {told[-1]}")
