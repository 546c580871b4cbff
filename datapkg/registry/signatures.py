"""Signatures over SHA256SUMS, checked by the tools that made them: minisign or ssh-keygen, no cryptography of ours.

Source  https://jedisct1.github.io/minisign/; PROTOCOL.sshsig of OpenSSH
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from datapkg.model import UsageError
from datapkg.registry.index import SUMS

SIGNATURES = {"minisign": SUMS + ".minisig", "ssh": SUMS + ".sig"}
"""The tools that a release may be signed with, and the file that holds the signature."""
SIGNER = "datapkg"
"""The name under which VERIFY.md allows the SSH key."""


def tool_of(key: str) -> str:
    """Return the tool that a public key is of: one of ssh-keygen is a type and a text, one of minisign a text alone."""
    return "ssh" if " " in key.strip() else "minisign"


def refused(listing: bytes, signature: bytes, key: str) -> str:
    """Return why a signature over the bytes of a SHA256SUMS is not of a key, an empty text if it is.

    The key is the last line of a public key file of minisign, or the one line of one of ssh-keygen.
    Raises  UsageError if the tool for the key cannot be run
    """
    tool = tool_of(key)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / SUMS).write_bytes(listing)
        (folder / SIGNATURES[tool]).write_bytes(signature)
        try:
            done = _minisign(folder, key) if tool == "minisign" else _ssh(folder, key, listing)
        except OSError as error:
            raise UsageError(f"{tool} cannot be run ({error.strerror}); install it, or see VERIFY.md") from error
    if done.returncode == 0:
        return ""
    told = (done.stderr or done.stdout).decode(errors="replace").strip().splitlines()
    return told[-1] if told else "no reason given"


def _minisign(folder: Path, key: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["minisign", "-V", "-P", key, "-m", str(folder / SUMS)], capture_output=True, check=False)


def _ssh(folder: Path, key: str, listing: bytes) -> subprocess.CompletedProcess[bytes]:
    """Check an SSH signature; the key is a line such as ssh-ed25519 AAAA..."""
    allowed = folder / "allowed"
    allowed.write_text(f"{SIGNER} {key.strip()}\n", encoding="utf-8")
    command = ["ssh-keygen", "-Y", "verify", "-f", str(allowed), "-I", SIGNER, "-n", "file", "-s",
               str(folder / SIGNATURES["ssh"])]  # fmt: skip
    return subprocess.run(command, input=listing, capture_output=True, check=False)
