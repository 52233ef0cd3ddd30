"""The words of `bundle`: a model as one file, and back."""

import argparse
import sys
from pathlib import Path
from typing import Any

from lesionviewer.core.errors import BundleError


def add_bundle(commands: Any) -> None:
    """Add `bundle pack`, `bundle unpack` and `bundle verify` to the commands of a parser."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "bundle", help="pack a model into one file, unpack it, or check it"
    )
    actions = parser.add_subparsers(required=True, metavar="pack|unpack|verify")
    pack = actions.add_parser("pack", help="write a bundle into a zip")
    pack.set_defaults(command=_pack)
    pack.add_argument("bundle", type=Path, metavar="BUNDLE")
    pack.add_argument("--out", type=Path, required=True, metavar="FILE.zip", help="a new file")
    unpack = actions.add_parser("unpack", help="make a bundle of a zip, once it is checked")
    unpack.set_defaults(command=_unpack)
    unpack.add_argument("zip", type=Path, metavar="FILE.zip")
    unpack.add_argument("--out", type=Path, required=True, metavar="BUNDLE", help="a new folder")
    verify = actions.add_parser("verify", help="hold every byte of a bundle against its card")
    verify.set_defaults(command=_verify)
    verify.add_argument("bundle", type=Path, metavar="BUNDLE_OR_ZIP")


def _pack(options: argparse.Namespace) -> int:
    from lesionviewer.core.bundle_zip import pack_bundle

    card = pack_bundle(options.bundle, options.out)
    sys.stdout.write(f"Packed {card.id} into {options.out}\n")
    return 0


def _unpack(options: argparse.Namespace) -> int:
    from lesionviewer.core.bundle_zip import unpack_bundle

    card = unpack_bundle(options.zip, options.out)
    sys.stdout.write(f"Unpacked {card.id} into {options.out}\n")
    return 0


def _verify(options: argparse.Namespace) -> int:
    """Return 0 for a whole bundle and 1 for one that is not.

    Raises:
        BundleError: There is nothing to check.
    """
    from lesionviewer.core.bundle_zip import verify_bundle

    if not options.bundle.exists():
        raise BundleError(f"There is no {options.bundle}.")
    try:
        card = verify_bundle(options.bundle)
    except BundleError as error:
        sys.stdout.write(f"{error}\n")
        return 1
    files = len(card.files) + 1
    sys.stdout.write(f"{card.id} is whole: {files} files are what its card says.\n")
    return 0
