"""Turn bytes into candidate URLs: feeds, sitemaps, section pages. Pure functions."""
