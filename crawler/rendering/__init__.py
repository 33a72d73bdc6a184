"""Render pages that scripts build, in a Chromium that has no network: the crawler fetches for it, by its own rules."""
