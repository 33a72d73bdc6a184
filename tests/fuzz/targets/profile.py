"""Load a profile: a site whose rules work, or an error of one line that names the file."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from crawler.sites.profile_loader import ProfileError, load_profile
from tests.fuzz.expectations import expect_line, expect_pickles


def check(data: bytes) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder, "example.com.toml")
        file.write_bytes(data)
        try:
            profile = load_profile(file)
        except ProfileError as error:
            expect_line(str(error), begins=f"{file}: ", longest=2000)
            return
    expect_pickles(profile)
    assert all(map(profile.is_article, profile.test.articles))
    assert profile.owns(profile.home)
    profile.rules()
