"""Parse what robots.txt says beyond RFC 9309: the AI agents that it names, and how pages may be used."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crawler.politeness.path_patterns import PathPatterns, TooManyStepsError, index_patterns
from crawler.politeness.url_paths import normal_patterns

if TYPE_CHECKING:
    from collections.abc import Iterable

from cleaners.text.sanitize import sanitize

# Crawlers and product tokens of AI: training, retrieval, assistants. Sources are their operators' documentation and the
# list at github.com/ai-robots-txt/ai.robots.txt, without the search engines and link previews that it contains.
AI_AGENTS = tuple(
    """
    AI2Bot Ai2Bot-Dolma Amazonbot Amzn-SearchBot Amzn-User Andibot anthropic-ai Applebot-Extended AzureAI-SearchBot bedrockbot
    Bravebot Brightbot Bytespider CCBot ChatGLM-Spider ChatGPT-User Claude-SearchBot Claude-User Claude-Web ClaudeBot
    Cloudflare-AutoRAG CloudVertexBot cohere-ai cohere-training-data-crawler Cotoyogi Crawlspace DeepSeekBot Diffbot
    DuckAssistBot FacebookBot FirecrawlAgent FriendlyCrawler Gemini-Deep-Research Google-Agent Google-CloudVertexBot
    Google-Extended Google-NotebookLM GoogleAgent-Mariner GPTBot iaskspider ICC-Crawler ImagesiftBot img2dataset
    laion-huggingface-processor LAIONDownloader LinkupBot Manus-User meta-externalagent meta-externalfetcher MistralAI-User
    NotebookLM NovaAct OAI-SearchBot omgili omgilibot PanguBot Perplexity-User PerplexityBot PhindBot QuillBot
    SBIntuitionsBot TavilyBot TikTokSpider Timpibot VelenPublicWebCrawler Webzio-Extended YouBot
    """.split()
)
# IETF AI Preferences (draft-ietf-aipref-attach), and Cloudflare's contentsignals.org
_USAGE_SIGNALS = {"content-usage": "content_usage", "content-signal": "content_signal"}
_MAX_VALUE_LENGTH = 500


@dataclass(frozen=True, slots=True)
class UsageLine:
    """One `Content-Usage` or `Content-Signal` line. `path` is a pattern like that of Disallow; "" covers all paths."""

    signal: str
    value: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class UsageLines:
    """The usage lines of the groups that apply to us. `owners` has the line of each pattern of the index."""

    lines: tuple[UsageLine, ...] = ()
    patterns: PathPatterns = field(default_factory=lambda: index_patterns(()))
    owners: tuple[int, ...] = ()

    def rights(self, path: str) -> dict[str, dict[str, str | list[str]]]:
        """Return the signals for a path, as a record's `rights`.

        The lines with the longest path that covers this one count, joined by commas. If matching takes too long, all count.
        """
        try:
            matching = {self.owners[position] for position in self.patterns.matching(path)}
        except TooManyStepsError:
            matching = set(self.owners)
        covering = [line for number, line in enumerate(self.lines) if not line.path or number in matching]
        rights: dict[str, dict[str, str | list[str]]] = {}
        for signal in _USAGE_SIGNALS.values():
            lines = [line for line in covering if line.signal == signal]
            longest = max((len(line.path) for line in lines), default=0)
            values = dict.fromkeys(line.value for line in lines if len(line.path) == longest)
            if values:
                rights[signal] = {"robots.txt": ", ".join(values)[:_MAX_VALUE_LENGTH]}
        return rights


def read_usage(written: Iterable[tuple[str, str]]) -> UsageLines:
    """Parse usage lines, each given as its field and its value."""
    lines = tuple(_usage_line(_USAGE_SIGNALS[name], value) for name, value in written)
    patterns = [(number, each) for number, line in enumerate(lines) for each in normal_patterns(line.path, allow=False)]
    return UsageLines(
        lines, index_patterns([pattern for _, pattern in patterns]), tuple(number for number, _ in patterns)
    )


def _usage_line(signal: str, value: str) -> UsageLine:
    path, *preference = value.split()
    if not path.startswith("/"):
        path, preference = "", [path, *preference]
    return UsageLine(signal, sanitize(" ".join(preference)[:_MAX_VALUE_LENGTH]), path)
