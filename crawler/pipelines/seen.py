"""What the state is to know of a URL once its page is dealt with."""

from __future__ import annotations

from crawler.discovery.urls import comparison_key
from crawler.items import FailedPage
from crawler.pipelines.clean import CleanedPage
from output.article import Article, Reject
from output.seen import Seen

_GONE = {410, 451}  # gone for good; not for us, for reasons of law


def seen_page(item: CleanedPage, record: Article | Reject) -> Seen:
    """Of a page that was fetched. An article is known by every URL that led to it."""
    fetched = item.fetched
    urls = [fetched.requested_url, fetched.page.url]
    if isinstance(record, Article):
        urls.append(record.canonical_url)
    headers = fetched.page.headers
    final = isinstance(record, Article) or record.reason.is_final
    return Seen(
        fetched.requested_url, _keys(urls), fetched.site, headers.get("etag"), headers.get("last-modified"), final
    )


def seen_failed(item: FailedPage) -> Seen:
    """Of one that was not, or that broke the cleaners."""
    asked = item.requested_url or item.url
    why = item.rejection
    final = why.reached and (why.reason.is_final or why.status in _GONE)
    return Seen(asked, _keys([asked, item.url] if final else [asked]), item.site, final=final, reached=why.reached)


def _keys(urls: list[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(comparison_key(url) for url in urls if url))
