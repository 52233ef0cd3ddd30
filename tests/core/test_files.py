"""Which files count as images, and in what order."""

import os
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lesionviewer.core.files import find_images, natural_key, sorted_images

needs_pipes = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
DICOM_START = bytes(128) + b"DICM"


def names(arguments: Iterable[Path | str], **options: bool) -> list[str]:
    return [image.relative for image in find_images(arguments, **options)]


def touch(folder: Path, *relative: str) -> None:
    for name in relative:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_image_suffixes_count_in_any_case_and_others_do_not(tmp_path):
    wanted = ["a.JPG", "b.jpeg", "c.jpe", "d.Png", "e.tif", "f.TIFF", "g.bmp", "h.webp"]
    wanted += ["i.dcm", "j.DICOM"]
    touch(tmp_path, *wanted, "k.gif", "l.txt", "m.jpg.part", "n", "o.")
    assert names([tmp_path]) == wanted


def test_a_file_without_extension_counts_if_it_begins_as_dicom(tmp_path):
    (tmp_path / "IM0001").write_bytes(DICOM_START)
    (tmp_path / "1.2.840.10008").write_bytes(DICOM_START)
    (tmp_path / "README").write_bytes(b"text" * 100)
    (tmp_path / "notes.txt").write_bytes(DICOM_START)
    assert names([tmp_path]) == ["1.2.840.10008", "IM0001"]


def test_numbers_sort_by_value_and_folders_among_files(tmp_path):
    touch(tmp_path, "img10.jpg", "img9.jpg", "IMG1.jpg", "img9b/2.jpg", "img9b/10.jpg", "a/z.jpg")
    inside = [str(Path("img9b", "2.jpg")), str(Path("img9b", "10.jpg"))]
    wanted = [str(Path("a", "z.jpg")), "IMG1.jpg", "img9.jpg", *inside, "img10.jpg"]
    assert names([tmp_path]) == wanted
    assert [image.relative for image in sorted_images([tmp_path])] == wanted


def test_the_sorted_list_orders_over_all_arguments(tmp_path):
    touch(tmp_path, "b/1.jpg", "a/2.jpg", "a10.jpg")
    arguments = [tmp_path / "b", tmp_path / "a10.jpg", tmp_path / "a"]
    shown = [
        Path(image.shown).relative_to(tmp_path).as_posix() for image in sorted_images(arguments)
    ]
    assert shown == ["a/2.jpg", "a10.jpg", "b/1.jpg"]


@settings(deadline=None)
@given(st.lists(st.text(st.characters(blacklist_characters="\0"), max_size=12), max_size=8))
def test_any_names_can_be_sorted(texts):
    backwards = list(reversed(texts))
    assert sorted(sorted(texts), key=natural_key) == sorted(backwards, key=natural_key)


@pytest.mark.parametrize("argument", [".", "./in", "in/", "in", "./in/../in"])
def test_the_shown_path_is_the_argument_as_given_joined_with_the_path_below(
    tmp_path, monkeypatch, argument
):
    touch(tmp_path, "in/sub/x.jpg")
    monkeypatch.chdir(tmp_path)
    (image,) = find_images([argument])
    below = "in/sub/x.jpg" if argument == "." else "sub/x.jpg"
    assert image.shown == argument.removesuffix("/") + "/" + below
    assert image.relative == below
    assert image.path.exists()


@needs_pipes
def test_a_named_file_always_counts_whatever_it_is(tmp_path):
    touch(tmp_path, "notes.txt", ".hidden.jpg")
    os.mkfifo(tmp_path / "pipe")
    arguments = [tmp_path / name for name in ("notes.txt", ".hidden.jpg", "pipe", "missing.jpg")]
    found = list(find_images(arguments))
    assert [image.path for image in found] == arguments
    assert [image.relative for image in found] == [path.name for path in arguments]


def test_without_recursion_only_the_folder_itself_is_searched(tmp_path):
    touch(tmp_path, "a.jpg", "sub/b.jpg")
    assert names([tmp_path], recursive=False) == ["a.jpg"]


def test_a_folder_named_like_a_picture_is_a_folder(tmp_path):
    touch(tmp_path, "x.jpg/inside.png")
    assert names([tmp_path]) == [str(Path("x.jpg", "inside.png"))]
    assert names([tmp_path / "x.jpg"]) == ["inside.png"]


def test_links_to_folders_are_not_followed_so_loops_end(tmp_path):
    touch(tmp_path, "a.jpg", "sub/b.jpg")
    (tmp_path / "sub" / "loop").symlink_to(tmp_path)
    (tmp_path / "again.jpg").symlink_to(tmp_path / "sub")
    assert names([tmp_path]) == ["a.jpg", str(Path("sub", "b.jpg"))]


def test_a_link_named_as_an_argument_is_followed(tmp_path):
    touch(tmp_path, "real/a.jpg")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert names([tmp_path / "link"]) == ["a.jpg"]


def test_links_to_files_count_even_if_they_lead_nowhere(tmp_path):
    touch(tmp_path, "a.jpg")
    (tmp_path / "b.jpg").symlink_to(tmp_path / "a.jpg")
    (tmp_path / "c.jpg").symlink_to(tmp_path / "missing.jpg")
    (tmp_path / "d.jpg").symlink_to(tmp_path / "d.jpg")
    assert names([tmp_path]) == ["a.jpg", "b.jpg", "c.jpg", "d.jpg"]


def test_hidden_names_and_apple_doubles_are_passed_over(tmp_path):
    touch(tmp_path, "x.jpg", "._x.jpg", ".y.jpg", ".cache/z.jpg")
    assert names([tmp_path]) == ["x.jpg"]


def test_a_file_reached_twice_counts_once_as_first_given(tmp_path, monkeypatch):
    touch(tmp_path, "in/a.jpg", "in/b.jpg")
    monkeypatch.chdir(tmp_path)
    shown = [image.shown for image in find_images(["in/b.jpg", "in", "./in/a.jpg"])]
    assert shown == ["in/b.jpg", "in/a.jpg"]


def test_a_folder_that_cannot_be_listed_is_skipped_and_reported(tmp_path, monkeypatch):
    touch(tmp_path, "a/1.jpg", "locked/2.jpg", "z/3.jpg")
    list_folder = os.scandir

    def scandir(folder):
        if Path(folder).name == "locked":
            raise PermissionError
        return list_folder(folder)

    monkeypatch.setattr(os, "scandir", scandir)
    skipped: list[Path] = []
    found = [image.path.name for image in find_images([tmp_path], on_skipped=skipped.append)]
    assert (found, skipped) == (["1.jpg", "3.jpg"], [tmp_path / "locked"])


@needs_pipes
def test_a_pipe_without_extension_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / "IMG1")
    assert names([tmp_path]) == []


def test_the_first_file_comes_before_other_folders_are_listed(tmp_path, monkeypatch):
    touch(tmp_path, "a/1.jpg", "b/2.jpg")
    list_folder, listed = os.scandir, []

    def scandir(folder):
        listed.append(Path(folder).name)
        return list_folder(folder)

    monkeypatch.setattr(os, "scandir", scandir)
    assert next(find_images([tmp_path])).path.name == "1.jpg"
    assert listed == [tmp_path.name, "a"]


@pytest.fixture
def deep_folder(tmp_path, monkeypatch):
    """A folder with a picture 1,200 levels below; removed here, as pytest's cleaning recurses."""
    monkeypatch.chdir(tmp_path)
    for _ in range(1200):
        Path("a").mkdir()
        os.chdir("a")
    Path("deep.jpg").touch()
    os.chdir(tmp_path)
    picture = Path(*["a"] * 1200, "deep.jpg")
    yield tmp_path
    picture.unlink()
    os.removedirs(picture.parent)


def test_folders_may_be_nested_deeper_than_python_recurses(deep_folder):
    assert [image.path.name for image in find_images([deep_folder])] == ["deep.jpg"]
