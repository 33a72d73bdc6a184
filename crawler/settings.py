"""Every setting that differs from Scrapy's own, and why. `-s NAME=VALUE` overrides any of them for one run."""

from __future__ import annotations

import os

from scrapy.settings import default_settings

from crawler.middlewares.identity import user_agent
from crawler.run.process_tuning import usable_cores

# --- the project
BOT_NAME = "winnow"
SPIDER_MODULES = ["crawler.spiders"]
COMMANDS_MODULE = "crawler.commands"  # crawl, demo, clean, explain, sites
DATA_DIR = os.environ.get("WINNOW_DATA_DIR", "data")  # records, rejects and state all live under it
ITEM_PIPELINES = {
    "crawler.pipelines.archive_page.ArchivePipeline": 50,  # only with ARCHIVE
    "crawler.pipelines.clean_page.CleanPipeline": 100,
    "crawler.pipelines.make_record.RecordPipeline": 200,
    "crawler.pipelines.write_record.WritePipeline": 300,
}

# --- who we are
WINNOW_CONTACT = os.environ.get("WINNOW_CONTACT", "")  # a mail address or URL where an outlet can reach whoever crawls
USER_AGENT = user_agent(WINNOW_CONTACT)  # honest: the name that robots.txt is asked for, the version, the contact
DEFAULT_REQUEST_HEADERS = {  # no Accept-Language (Scrapy says "en"): each outlet answers in its own language
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
}
COOKIES_ENABLED = False  # every page as a first visitor sees it; and what keeps cookies is left out below

# --- what is kept between runs
STATE_URL = ""  # another database, of this DATA_DIR alone, as an SQLAlchemy URL; else sqlite:///<DATA_DIR>/state.db
STATE_DAYS = 400  # that URLs no source lists any more are remembered: an outlet may list an article once a year
RETRY_PAUSE = 15.0  # minutes until an article that failed is tried again; four times as long each time
RETRY_ATTEMPTS = 5  # that fail, over 21 hours; then it is given up
REVISIT_FOR = 48.0  # hours in which an article is looked at again, after 1, 3, 9 and 27: most corrections come early
NEAR_DUPLICATES = "mark"  # a text that another record has, nearly, is kept and says so; "drop": left out
DUPLICATE_DAYS = 14.0  # in which texts are compared: wire stories spread within hours
ARCHIVE = False  # True: each article page as it was fetched, in WARC files under DATA_DIR/archive, for `scrapy reclean`
ARCHIVE_MAX_MB = 1000.0  # of one of these files, about: what WARC readers expect
ARCHIVE_DAYS = 0.0  # that they are kept; 0: until you remove them
CLOCK = "crawler.run.clock.utc_now"  # what the schedule goes by

# --- how often a host is asked
ROBOTSTXT_OBEY = True  # as RFC 9309 says, by our own middleware
OPT_OUT = "record"  # what outlets say against AI use goes into `rights`; "skip" leaves out the articles they reserve
TDMREP = False  # asks each host for /.well-known/tdmrep.json: nothing keeps the answer from one cron run to the next
CONCURRENT_REQUESTS_PER_DOMAIN = 1  # one request at a time per host
DOWNLOAD_DELAY = 1.0  # seconds between an answer and the next request to its host; a profile's delay goes before it
DOWNLOAD_DELAY_JITTER = 0.25  # up to a quarter longer, never shorter
CONCURRENT_ITEMS = 2  # of one answer, which gives one; Scrapy makes so many tasks for each, 100 by default
CONCURRENT_REQUESTS = 100  # hosts at work at once: one that waits out its delay holds a place too
DOWNLOADER = "crawler.download.paced_downloader.PacedDownloader"  # Crawl-delay, Retry-After, and really one at a time
SCHEDULER_PRIORITY_QUEUE = "crawler.download.free_host_queue.FreeHostQueue"  # a slow host does not hold up the others
RETRY_TIMES = 2  # a third failure is not bad luck
RETRY_GIVE_UP_LOG_LEVEL = "INFO"  # the reject says it already
REDIRECT_MAX_TIMES = 6  # a feed's tracker, http to https, www, the canonical address, and two to spare
SCHEDULER_MEMORY_QUEUE = "scrapy.squeues.FifoMemoryQueue"  # first found, first fetched: feeds list the newest first

METAREFRESH_MAXDELAY = 5  # seconds; 100 by default, but a page that reloads itself every minute is no redirect
DOWNLOADER_MIDDLEWARES_BASE = {  # without what COOKIES_ENABLED turns off: to import it takes a tenth of a second
    name: place
    for name, place in default_settings.DOWNLOADER_MIDDLEWARES_BASE.items()
    if not name.endswith(".CookiesMiddleware")
}
DOWNLOADER_MIDDLEWARES = {  # a request passes from the top down, its answer from the bottom up
    "crawler.middlewares.private_hosts.PrivateAddressMiddleware": 40,  # before anything is asked of the host
    "crawler.middlewares.content_limits.ContentMiddleware": 60,  # on what is left after redirects
    "crawler.middlewares.destination.DestinationMiddleware": 70,  # likewise
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,  # allows all where robots.txt cannot be had
    "crawler.middlewares.robots.RobotsMiddleware": 100,
    "crawler.middlewares.opt_out.OptOutMiddleware": 110,  # on what robots.txt says, too
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": None,
    "crawler.middlewares.identity.IdentityMiddleware": 500,
    "crawler.middlewares.throttle.ThrottleMiddleware": 560,  # its answers never get to Scrapy's retry, at 550
    "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
    "crawler.middlewares.meta_refresh.RefreshMiddleware": 580,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "crawler.middlewares.decompress.DecompressMiddleware": 590,
    "crawler.middlewares.private_hosts.PrivateNameMiddleware": 760,  # after the proxy is chosen, at 750
}

# --- what is let in
DOWNLOAD_HANDLERS = {
    **dict.fromkeys(("http", "https"), "crawler.rendering.rendering_handler.RenderingHandler"),
    **dict.fromkeys(("file", "ftp", "data", "s3")),  # the web, and no file of this machine
}
DOWNLOAD_VERIFY_CERTIFICATES = True  # off by default in Scrapy: what was tampered with on its way is not the outlet's
EXTENSIONS = {
    "crawler.download.certificates.CertificateNotice": 0,  # says so, once, where that is turned off
    "crawler.extensions.run_ending.RunEnding": 0,  # the time budget, and signals
    "crawler.extensions.run_state.RunState": 0,  # the state, open from start to end
    "crawler.extensions.site_monitor.SiteMonitor": 0,  # alarms.jsonl
    "crawler.extensions.run_journal.HostTimer": 0,  # how long hosts take, for runs.jsonl and `scrapy report`
    "crawler.extensions.run_journal.RunJournal": 0,  # runs.jsonl and the exit code
    "crawler.extensions.progress.ProgressLine": 0,  # how it gets on, to whoever looks on
}
EXTENSIONS_BASE = dict.fromkeys(  # of Scrapy's own, those in use: what is only turned off, Scrapy imports all the same
    (
        "crawler.politeness.host_pace.HostPaces",  # without these two the downloader does not work
        "crawler.rendering.rendering_handler.PageRenderer",
        "scrapy.extensions.corestats.CoreStats",
        "scrapy.extensions.logcount.LogCount",
        "scrapy.extensions.memusage.MemoryUsage",
        "scrapy.extensions.closespider.CloseSpider",
        "scrapy.extensions.feedexport.FeedExporter",
        "scrapy.extensions.logstats.LogStats",
    ),
    0,
)
ENDING_TIME = (
    20.0  # seconds that a run which is to end waits for what is under way; systemd and cron wait no longer than 90
)
DOWNLOAD_TIMEOUT = 30  # seconds; 180 by default, and one dead host would hold up the end of a run
DOWNLOAD_MAXSIZE = 10 * 1024 * 1024  # bytes, also once decompressed; 1 GiB by default; feeds and sitemaps get more
DOWNLOAD_WARNSIZE = 0  # what is too large is refused, what is not needs no warning
DNS_TIMEOUT = 15  # seconds; 60 by default
REACTOR_THREADPOOL_MAXSIZE = 20  # names are resolved in threads, and a run starts with all hosts at once
WINNOW_ALLOW_PRIVATE_HOSTS: list[str] = []  # hosts that may be on a private or loopback address: a test server's

# --- pages that scripts build, of profiles with render = true
CHROMIUM = os.environ.get("WINNOW_CHROMIUM", "")  # its executable; else the one playwright downloaded, or the system's
CHROMIUM_FLAGS: list[str] = []  # more of them: "--no-sandbox" where a container lets it set up none
RENDER_PAGES = 2  # in Chromium at once; each takes a core while it is built

# --- how pages are cleaned
# Processes; one core is for the network, but of only two it would leave half of one idle. 0: in this process, for debugging
CLEAN_WORKERS = usable_cores() - 1 if usable_cores() > 2 else usable_cores()
CLEAN_TIMEOUT = 20  # seconds a page may take; a usual one takes a twentieth of one
CLEAN_MEMORY_MB = 1024  # that a page may need beyond what its worker needs anyway: up to a hundred times its own size
CLEAN_WORKER_PAGES = 2000  # after which a worker makes room for a fresh one; libraries keep a little of each page

# --- this process
WARN_ON_GENERATOR_RETURN_VALUE = False  # mypy sees as much, and need not read the callback's source for each request
REMOTE_CONTROL_ENABLED = False  # on by default: a server on loopback that runs what it is sent
TELNETCONSOLE_ENABLED = False  # likewise
MEMUSAGE_LIMIT_MB = 2048  # a leak ends in a finished file, not in a kill; pages are cleaned in other processes
LOG_FORMATTER = "crawler.run.logs.PlainLogFormatter"  # Scrapy's own would print whole pages
LOG_LEVEL = "WARNING"  # on a terminal; without one, errors. DATA_DIR/logs has the rest, and `-L INFO` shows it
LOG_DAYS = 30.0  # that the files in DATA_DIR/logs are kept
LOG_FILE_BYTES = 10 * 1024 * 1024  # of one of them; a day may have eleven
ALARM_COMMAND = ""  # run once for each alarm, which it gets as JSON on stdin; such as "mail -s winnow me@example.com"
ALARM_WEBHOOK = ""  # an http(s) address that gets each alarm as a POST of JSON
PROGRESS = True  # a live line on a terminal that shows no log; False: never
SUMMARY = None  # printed to a terminal; True: always, False: never
STATS_DUMP = False  # the summary and runs.jsonl tell it
