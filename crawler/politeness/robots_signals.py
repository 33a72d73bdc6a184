"""Parse what robots.txt says beyond RFC 9309: the AI agents that it names, and how fetched pages may be used."""

from __future__ import annotations

from dataclasses import dataclass

from protego import Protego

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
_AGENT_BY_TOKEN = {agent.lower(): agent for agent in AI_AGENTS}
_USER_AGENT_KEYS = ("user-agent", "useragent", "user agent")
_SITE_WIDE_KEYS = ("sitemap", "host")  # do not end a group's list of agents
# IETF AI Preferences (draft-ietf-aipref-attach), and Cloudflare's contentsignals.org
_USAGE_SIGNALS = {"content-usage": "content_usage", "content-signal": "content_signal"}
_MAX_LINES = 1000  # a host has a handful; each is matched with every article's URL
_MAX_VALUE_LENGTH = 500


@dataclass(frozen=True, slots=True)
class UsageLine:
    """One `Content-Usage` or `Content-Signal` line. `path` is a pattern like that of Disallow; None covers all paths."""

    signal: str
    value: str
    path: str | None = None
    pattern: Protego | None = None

    def covers(self, url: str) -> bool:
        """Tell whether the line applies to this URL."""
        return self.pattern is None or not self.pattern.can_fetch(url, "any")


@dataclass(frozen=True, slots=True)
class RobotsSignals:
    """The AI agents that a robots.txt names, and the usage lines of the group that applies to us.

    Of each agent, `agents` has the spelling of AI_AGENTS and that of the file.
    """

    agents: tuple[tuple[str, str], ...] = ()
    usage: tuple[UsageLine, ...] = ()

    def rights(self, parsed: Protego, url: str) -> dict[str, dict[str, str | list[str]]]:
        """Return the signals for a URL, as a record's `rights`.

        `robots_ai` lists the named agents that may not fetch it. Of `content_usage` and `content_signal`, the lines
        with the longest path that covers the URL count, joined by commas.
        """
        rights: dict[str, dict[str, str | list[str]]] = {}
        if forbidden := [agent for agent, written in self.agents if not parsed.can_fetch(url, written)]:
            rights["robots_ai"] = {"robots.txt": forbidden}
        covering = [line for line in self.usage if line.covers(url)]
        for signal in _USAGE_SIGNALS.values():
            lines = [line for line in covering if line.signal == signal]
            longest = max((len(line.path or "") for line in lines), default=0)
            values = dict.fromkeys(line.value for line in lines if len(line.path or "") == longest)
            if values:
                rights[signal] = {"robots.txt": ", ".join(values)[:_MAX_VALUE_LENGTH]}
        return rights


def read_signals(text: str, product_token: str) -> RobotsSignals:
    """Parse the signals in a robots.txt for a crawler of this name. No text raises an error."""
    token = product_token.lower()
    lines: dict[str, list[UsageLine]] = {token: [], "*": []}
    spellings: dict[str, str] = {}  # of each agent, in the file
    group, in_agents = {"*"}, False  # lines before the first group apply to all agents
    for line in sanitize(text).splitlines():
        key, _, value = line.partition("#")[0].partition(":")
        key, value = key.strip().lower(), value.strip()
        if key in _USER_AGENT_KEYS:
            written = value.lower().replace("*", "") or "*"
            agent = written.partition("/")[0].strip()  # as in GPTBot/1.2
            group, in_agents = (group if in_agents else set()) | {agent}, True
            spellings.setdefault(agent, written)
        elif key and key not in _SITE_WIDE_KEYS:
            in_agents = False
            if key in _USAGE_SIGNALS and value:
                for agent in lines.keys() & group:
                    if len(lines[agent]) < _MAX_LINES:
                        lines[agent].append(_usage_line(_USAGE_SIGNALS[key], value))
    ours = lines[token if token in spellings else "*"]
    agents = tuple(
        (_AGENT_BY_TOKEN[agent], written) for agent, written in spellings.items() if agent in _AGENT_BY_TOKEN
    )
    return RobotsSignals(agents, tuple(ours))


def _usage_line(signal: str, value: str) -> UsageLine:
    path, *preference = value.split()
    if not path.startswith("/"):
        return UsageLine(signal, " ".join((path, *preference)))
    return UsageLine(signal, " ".join(preference), path, Protego.parse(f"User-agent: *\nDisallow: {path}"))
