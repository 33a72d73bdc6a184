"""Define every setting that differs from Scrapy's default, with the reason. `-s NAME=VALUE` overrides one for a single run."""

from __future__ import annotations

import os

from scrapy.settings import default_settings

from crawler.middlewares.identity import user_agent
from crawler.run.process_tuning import usable_cores

# --- Where data goes, and who crawls

# The folder for records, rejects, state, logs and archive.
DATA_DIR = os.environ.get("WINNOW_DATA_DIR", "data")
# A mail address or URL at which a site can reach you.
WINNOW_CONTACT = os.environ.get("WINNOW_CONTACT", "")
# Honest: the name that robots.txt rules apply to, the version, and the contact.
USER_AGENT = user_agent(WINNOW_CONTACT)

# --- Politeness: how often a host is asked

# Obey robots.txt as RFC 9309 says, with our own middleware.
ROBOTSTXT_OBEY = True
# Seconds between an answer and the next request to its host. A profile's delay takes precedence.
DOWNLOAD_DELAY = 1.0
# Wait up to a quarter longer, never shorter.
DOWNLOAD_DELAY_JITTER = 0.25
# One request at a time to each host.
CONCURRENT_REQUESTS_PER_DOMAIN = 1
# Hosts in parallel. A host that waits out its delay counts too.
CONCURRENT_REQUESTS = 100
# A third failure is not bad luck.
RETRY_TIMES = 2
# A feed's tracker, http to https, www, the canonical URL, and two to spare.
REDIRECT_MAX_TIMES = 6
# Seconds. Scrapy's 100 would treat a page that reloads itself every minute as a redirect.
METAREFRESH_MAXDELAY = 5

# --- Opt-outs

# "record" puts what publishers say against AI use into `rights`; "skip" leaves out the articles they reserve.
OPT_OUT = "record"
# Off: it costs each host a request for /.well-known/tdmrep.json in every run.
TDMREP = False

# --- Limits on what is downloaded

# Seconds. With Scrapy's 180, one dead host would hold up the end of a run.
DOWNLOAD_TIMEOUT = 30
# Bytes, also after decompression. Scrapy allows 1 GiB; feeds and sitemaps have higher limits of their own.
DOWNLOAD_MAXSIZE = 10 * 1024 * 1024
# MB of all bodies that are received, unpacked or not yet cleaned. While they take more, those above 1 MiB wait.
IN_FLIGHT_MAX_MB = 128.0
# No warning: what is too large is refused anyway.
DOWNLOAD_WARNSIZE = 0
# Seconds. Scrapy waits 60.
DNS_TIMEOUT = 15
# On, unlike in Scrapy: a page that was changed on its way is not the publisher's.
DOWNLOAD_VERIFY_CERTIFICATES = True
# Hosts that may have a private or loopback address, such as a test server.
WINNOW_ALLOW_PRIVATE_HOSTS: list[str] = []

# --- State, revisits, duplicates and archive

# Another database as an SQLAlchemy URL, for this DATA_DIR alone. Default: sqlite:///<DATA_DIR>/state.db.
STATE_URL = ""
# Days to keep URLs that no source lists any more: some sites list an article only once a year.
STATE_DAYS = 400
# Minutes until a failed article is retried; each further pause is four times as long.
RETRY_PAUSE = 15.0
# Attempts, over 21 hours, until an article is given up.
RETRY_ATTEMPTS = 5
# Hours in which an article is revisited, after 1, 3, 9 and 27: most corrections come early.
REVISIT_FOR = 48.0
# "mark" keeps a near copy of another record and says so in it; "drop" leaves it out.
NEAR_DUPLICATES = "mark"
# Days across which texts are compared: wire stories spread within hours.
DUPLICATE_DAYS = 14.0
# True keeps each article page as fetched, in WARC files under DATA_DIR/archive, for `reclean` and `report`.
ARCHIVE = False
# Approximate size of one archive file: what WARC readers expect.
ARCHIVE_MAX_MB = 1000.0
# Days to keep archive files; 0 keeps them until you remove them.
ARCHIVE_DAYS = 0.0
# The clock of the schedule. Tests replace it.
CLOCK = "crawler.run.clock.utc_now"

# --- Cleaning

# Processes that clean pages; 0 cleans in this process, for debugging. One core is left to the network, but on a machine with
# two cores that would leave half of one idle.
CLEAN_WORKERS = usable_cores() - 1 if usable_cores() > 2 else usable_cores()
# Seconds for one page. A typical page takes a twentieth of a second.
CLEAN_TIMEOUT = 20
# Memory for one page on top of what its worker needs anyway: up to a hundred times the size of the page.
CLEAN_MEMORY_MB = 1024
# Pages after which a fresh worker takes over, because libraries leak a little with each page.
CLEAN_WORKER_PAGES = 2000
# Seconds for reading one source: a feed, a sitemap, the links of a page. Most take a hundredth of that.
READ_TIMEOUT = 5
# Memory for reading one source.
READ_MEMORY_MB = 256
# Items of one response in parallel. A response gives one; Scrapy's 100 would create as many tasks for each.
CONCURRENT_ITEMS = 2

# --- Pages that need JavaScript (profiles with render = true)

# The browser's executable. Default: the one that playwright downloaded, or the system's.
CHROMIUM = os.environ.get("WINNOW_CHROMIUM", "")
# Extra flags, such as "--no-sandbox" in a container that allows no sandbox.
CHROMIUM_FLAGS: list[str] = []
# Pages in Chromium at the same time. Each takes a core while it renders.
RENDER_PAGES = 2
# MB that all processes of Chromium may take while pages render (Linux only). A page needs 100 to 300; past this, the one that
# takes most is killed and rejected; all that render then are, if it is Chromium's own process.
RENDER_MEMORY_MB = 2048

# --- Alarms, logs and what is printed

# A command that runs once for each alarm and receives it as JSON on stdin, such as "mail -s winnow me@example.com". Both hooks
# have 20 seconds for an alarm, and messages show neither the command's arguments nor the webhook's path.
ALARM_COMMAND = ""
# An http(s) URL that receives each alarm as a POST of JSON.
ALARM_WEBHOOK = ""
# Level on a terminal; elsewhere only errors. DATA_DIR/logs has the rest, and `-L INFO` shows it.
LOG_LEVEL = "WARNING"
# Days to keep the files in DATA_DIR/logs.
LOG_DAYS = 30.0
# Size of one log file. A day may have eleven.
LOG_FILE_BYTES = 10 * 1024 * 1024
# A live line on a terminal that shows no log. False turns it off.
PROGRESS = True
# None prints the summary on a terminal, True always, False never.
SUMMARY = None
# The summary and runs.jsonl have these numbers already.
STATS_DUMP = False
# Scrapy's formatter would log whole pages.
LOG_FORMATTER = "crawler.run.logs.PlainLogFormatter"
# Quiet: the reject has the reason.
RETRY_GIVE_UP_LOG_LEVEL = "INFO"

# --- This process

# Seconds that a run may take to end after its budget or a signal: what is at work then is left for the next run. A run that
# hangs is killed three seconds later. systemd and cron wait no longer than 90.
ENDING_TIME = 20.0
# Seconds after which a line tells that the event loop stands still, and in whose work; 0 never tells.
LOOP_STALL = 10.0
# A leak ends in finished files, not in a kill: the run ends with exit code 1 while this process takes more. Workers and
# Chromium have limits of their own.
MEMUSAGE_LIMIT_MB = 2048
# Scrapy looks once a minute, and memory fills in seconds.
MEMUSAGE_CHECK_INTERVAL_SECONDS = 2.0
# Names are resolved in threads, and a run starts with all hosts at once.
REACTOR_THREADPOOL_MAXSIZE = 20
# Off: Scrapy starts a server on loopback that runs what it is sent.
REMOTE_CONTROL_ENABLED = False
# Off for the same reason.
TELNETCONSOLE_ENABLED = False
# Off: discovery refuses long URLs where they enter, with a reject. Scrapy would drop their requests without a word.
URLLENGTH_LIMIT = 0
# Off: mypy checks this, and Scrapy would parse the callback's source for each request.
WARN_ON_GENERATOR_RETURN_VALUE = False

# --- How Winnow plugs into Scrapy

BOT_NAME = "winnow"
SPIDER_MODULES = ["crawler.spiders"]
COMMANDS_MODULE = "crawler.commands"
# No Accept-Language (Scrapy sends "en"): each site answers in its own language.
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
}
# See every page as a first-time visitor does.
COOKIES_ENABLED = False
# The web only, never a file of this machine.
DOWNLOAD_HANDLERS = {
    **dict.fromkeys(("http", "https"), "crawler.rendering.rendering_handler.RenderingHandler"),
    **dict.fromkeys(("file", "ftp", "data", "s3")),
}
# Adds Crawl-delay, Retry-After, and a strict limit of one request at a time.
DOWNLOADER = "crawler.download.paced_downloader.PacedDownloader"
# A slow host does not hold up the others.
SCHEDULER_PRIORITY_QUEUE = "crawler.download.free_host_queue.FreeHostQueue"
# First found, first fetched: feeds list the newest articles first.
SCHEDULER_MEMORY_QUEUE = "scrapy.squeues.FifoMemoryQueue"
# Scrapy's own, without the one that COOKIES_ENABLED turns off: its import takes a tenth of a second.
DOWNLOADER_MIDDLEWARES_BASE = {
    name: order
    for name, order in default_settings.DOWNLOADER_MIDDLEWARES_BASE.items()
    if not name.endswith(".CookiesMiddleware")
}
# A request passes from top to bottom, its response from bottom to top.
DOWNLOADER_MIDDLEWARES = {
    "crawler.middlewares.private_hosts.PrivateAddressMiddleware": 40,  # before any request reaches the host
    "crawler.middlewares.content_limits.ContentMiddleware": 60,  # after redirects
    "crawler.middlewares.destination.DestinationMiddleware": 70,  # after redirects
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,  # allows everything if robots.txt fails
    "crawler.middlewares.robots.RobotsMiddleware": 100,
    "crawler.middlewares.opt_out.OptOutMiddleware": 110,  # needs the signals of robots.txt
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": None,
    "crawler.middlewares.identity.IdentityMiddleware": 500,
    "crawler.middlewares.throttle.ThrottleMiddleware": 560,  # keeps its responses from Scrapy's retry, at 550
    "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
    "crawler.middlewares.meta_refresh.RefreshMiddleware": 580,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "crawler.middlewares.decompress.DecompressMiddleware": 590,
    "crawler.middlewares.private_hosts.PrivateNameMiddleware": 760,  # after the proxy is chosen, at 750
}
ITEM_PIPELINES = {
    "crawler.pipelines.archive_page.ArchivePipeline": 50,  # only with ARCHIVE
    "crawler.pipelines.clean_page.CleanPipeline": 100,
    "crawler.pipelines.make_record.RecordPipeline": 200,
    "crawler.pipelines.write_record.WritePipeline": 300,
}
EXTENSIONS = {
    "crawler.download.certificates.CertificateNotice": 0,  # warns once if certificates are not verified
    "crawler.extensions.run_ending.RunEnding": 0,  # the time budget, and signals
    "crawler.extensions.loop_turns.LoopTurns": 0,  # how long the event loop was busy at a time
    "crawler.extensions.memory_limit.MemoryLimit": 0,  # replaces Scrapy's MemoryUsage
    "crawler.extensions.run_state.RunState": 0,  # the state, open from start to end
    "crawler.extensions.site_monitor.SiteMonitor": 0,  # alarms.jsonl
    "crawler.extensions.run_journal.HostTimer": 0,  # response times, for runs.jsonl and `report`
    "crawler.extensions.run_journal.RunJournal": 0,  # runs.jsonl and the exit code
    "crawler.extensions.progress.ProgressLine": 0,  # the live line on a terminal
}
# Only those in use: Scrapy imports even the extensions that are turned off.
EXTENSIONS_BASE = dict.fromkeys(
    (
        "crawler.run.crawl_workers.CrawlWorkers",  # spiders, middlewares and pipelines need it
        "crawler.politeness.host_pace.HostPaces",  # the downloader needs this one and the next two
        "crawler.download.body_budget.BodyBudget",
        "crawler.rendering.rendering_handler.PageRenderer",
        "scrapy.extensions.corestats.CoreStats",
        "scrapy.extensions.logcount.LogCount",
        "scrapy.extensions.closespider.CloseSpider",
        "scrapy.extensions.feedexport.FeedExporter",
        "scrapy.extensions.logstats.LogStats",
    ),
    0,
)
