"""What robots.txt says beyond RFC 9309: which AI agents it names, and what may be done with pages once fetched."""

from __future__ import annotations

from dataclasses import dataclass

from protego import Protego

# Crawlers and tokens that stand for AI: training, retrieval, assistants. From what their operators document, and the
# list at github.com/ai-robots-txt/ai.robots.txt; search engines and link previews that it also lists are left out.
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
_AGENTS = {agent.lower(): agent for agent in AI_AGENTS}
_USER_AGENT = ("user-agent", "useragent", "user agent")
_SITE_WIDE = ("sitemap", "host")  # these do not end a group's list of agents
# IETF AI Preferences (draft-ietf-aipref-attach), and Cloudflare's contentsignals.org
_USAGE = {"content-usage": "content_usage", "content-signal": "content_signal"}
_MOST_LINES = 1000  # an outlet has a handful; each is tried on every article's URL
_LONGEST = 500  # characters of a value that are kept


@dataclass(frozen=True, slots=True)
class UsageLine:
    """One `Content-Usage` or `Content-Signal` line. `path` is a pattern as of Disallow; None: all paths."""

    signal: str
    value: str
    path: str | None = None
    pattern: Protego | None = None

    def covers(self, url: str) -> bool:
        """Does the line speak of this URL?"""
        return self.pattern is None or not self.pattern.can_fetch(url, "any")


@dataclass(frozen=True, slots=True)
class RobotsSignals:
    """The AI agents that a robots.txt names, in our spelling and in its, and the usage lines of the group that counts
    for us.
    """

    agents: tuple[tuple[str, str], ...] = ()
    usage: tuple[UsageLine, ...] = ()

    def rights(self, parsed: Protego, url: str) -> dict[str, dict[str, str | list[str]]]:
        """What goes into a record of the URL: `robots_ai`, the named agents that may not fetch it; and `content_usage`
        and `content_signal`, where the longest path that covers the URL counts and lines of one path add up.
        """
        rights: dict[str, dict[str, str | list[str]]] = {}
        if forbidden := [agent for agent, written in self.agents if not parsed.can_fetch(url, written)]:
            rights["robots_ai"] = {"robots.txt": forbidden}
        covering = [line for line in self.usage if line.covers(url)]
        for signal in _USAGE.values():
            lines = [line for line in covering if line.signal == signal]
            longest = max((len(line.path or "") for line in lines), default=0)
            values = dict.fromkeys(line.value for line in lines if len(line.path or "") == longest)
            if values:
                rights[signal] = {"robots.txt": ", ".join(values)[:_LONGEST]}
        return rights


def read_signals(text: str, product_token: str) -> RobotsSignals:
    """The signals in a robots.txt for a crawler of this name. No text raises an error."""
    token = product_token.lower()
    lines: dict[str, list[UsageLine]] = {token: [], "*": []}
    named: dict[str, str] = {}  # agent → as it is written
    group, naming = {"*"}, False  # what stands before the first group is taken as said to all
    for line in text.splitlines():
        key, _, value = line.partition("#")[0].partition(":")
        key, value = key.strip().lower(), value.strip()
        if key in _USER_AGENT:
            written = value.lower().replace("*", "") or "*"
            agent = written.partition("/")[0].strip()  # as in GPTBot/1.2
            group, naming = (group if naming else set()) | {agent}, True
            named.setdefault(agent, written)
        elif key and key not in _SITE_WIDE:
            naming = False
            if key in _USAGE and value:
                for agent in lines.keys() & group:
                    if len(lines[agent]) < _MOST_LINES:
                        lines[agent].append(_usage_line(_USAGE[key], value))
    ours = lines[token if token in named else "*"]
    agents = tuple((_AGENTS[agent], written) for agent, written in named.items() if agent in _AGENTS)
    return RobotsSignals(agents, tuple(ours))


def _usage_line(signal: str, value: str) -> UsageLine:
    path, *preference = value.split()
    if not path.startswith("/"):
        return UsageLine(signal, " ".join((path, *preference)))
    return UsageLine(signal, " ".join(preference), path, Protego.parse(f"User-agent: *\nDisallow: {path}"))
