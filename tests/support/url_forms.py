"""Forms of URLs as they are found on the web, on made-up stories: of articles, and of pages that are none."""

from __future__ import annotations

ARTICLES = """
/technology/chipmaker-says-it-will-build-plant-2024-05-03/
/news/articles/2024-05-03/chipmaker-to-build-plant
/content/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0
/articles/chipmaker-plant-saxony-11714746800
/tech/chipmaker-plant-3f2a1b
/2024/05/03/chipmaker-builds-plant.html
/2024/5/3/24147123/chip-plant
/news/612345/chip-plant-saxony
/ai/2024/05/chip-plant/
/2024/05/03/chip_plant/
/article/chip-plant-review/
/chip-plant-built-123456789.html
/tech/computing/best-chip-plants/
/technik/chipfabrik/29781234.html
/wirtschaft/chipfabrik-a-0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0
/wirtschaft/chip-fabrik-1.6872134
/wirtschaft/chip-fabrik-lux.TxYzAbCdEfGh
/news/chipfabrik-1622332/
/news/articles/2405/03/news061.html
/docs/news/1588888.html
/elem/000/004/197/4197834/
/article/35218432/
/news/20240503-chip-plant/
/gsc_news/en/20240503-chip/
/news/chip-plant-123456789.html
/companies/news/chip-plant-124050300123_1.html
/invertia/empresas/20240503/fabrica/852664912_0.html
/empresas/2024/05/03/663490e1e5fdea.html
/art/nuova-fabbrica-AFabcdeD
/tech/1740000-usine.html
/actualites/usine-puces.html
/71234/usine-de-puces/
/sito/notizie/economia/2024/05/03/fabbrica_0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0.html
/2024/05/chip-plants
/business/2024/05/03/chips
/article/05/03/2024/chip-plant
/articles/chip-plant
/chip-plant-1851234567
/sites/janedoe/2024/05/03/chip-plant/
/jane-doe/how-the-chip-plant-was-built.html
/91116854/chip-plant
/business-news/chip-plant/473456
/article/2096548/chip-plant.html
/news/a20240503PD201/chip-plant.html
/tech/big-tech/article/3261234/chip-plant
/view.php?ud=20240503050123
/www/tech/2024/05/129_373912.html
/view/AEN20240503001200320
/news/it/11007000
/view/?no=20240503100123
/p/2759123456789
/tech/2024-05-03/doc-inatxyzk1234567.shtml
/rain/a/20240503A01ABC00
/c/8ZHabcDEFgh
/technology_and_media/03/05/2024/6634a1b29a7947
/ru/news/812345/
/nieuws/221500/chipfabriek.html
/bedrijfsleven/1515151/chipfabriek
/artikler/chipfabrikk/545678
/nyheter/bygger-ny-fabrik/
/economia/noticia/2024/05/03/fabrica.ghtml
/mercado/2024/05/fabrica.shtml
/internet/283123-fabrica.htm
/hardware/fabrica-de-chips-na-saxonia/
/economie/article/2024/05/03/usine_6231234_3234.html
/article/DGXZQOUC030AB0T00C24A5000000/
/atcl/nxt/news/24/00789/
/articles/-/751234
/articles/-/343210
/news/9912345/
/shortnews/chipfabrik
/wirtschaft/Chipfabrik-article24912345.html
/unternehmen/chip-a-0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0
/unternehmen/it/chipfabrik/29781234.html
/wirtschaft-politik/chipfabrik-in-sachsen-34689123.html
/article/chip-plant.N2212345
/cours/action/X-123/actualite/Chip-4661234/
/economia/noticias/12796123/05/24/fabrica.html
/ai/chip-plant-for-ai/
/2024/05/03/chips/
/news/chip-plant
/2024/05/03/chip-plant
/news/2024/05/03/chips-00155999
/2024/05/03/1248561234/chips
/article/chips-plant-0f1e2d3c4b5a69788796a5b4c3d2e1f0
/economy/2024/5/3/chip-plant
/technology/article/2024/may/03/chip-plant
/business/2024/may/03/chips
/news/technology-68891234
/tech/chip-plant-b2538912.html
/business/2024/05/03/chips/
/2024/05/03/technology/chips.html
/technology/2024/05/03/chips/
/business/story/2024-05-03/chip-plant
/2024/05/03/tech/chip-plant/index.html
/Technology/wireStory/chip-plant-109912345
/technology/chip-plant-built-saxony
/story/chip-plant-0f1e2d3c
/news/4098123-chip-plant
/chip-plant-1851452345
/story/24/05/03/1234567/chip-plant
""".split()

OTHERS = [
    ("/technology/", "Technology"),
    ("/business/media-telecom/", "Media & Telecom"),
    ("/markets/stocks", "Stocks"),
    ("/quote/AAPL:US", "AAPL"),
    ("/authors/nilay-patel", "Nilay Patel"),
    ("/pages/how-we-rate", "How we rate and review the products we test"),
    ("/personal-finance/credit-cards/", "Credit cards"),
    ("/about/press", "Press Center for wired and its partners"),
    ("/events/techcrunch-disrupt-2024/", "Join us at Disrupt 2024 in San Francisco"),
    ("/brand-studio/", "Partner Content"),
    ("/contact-us", "Contact Us"),
    ("/themen/elektroautos", "Elektroautos"),
    ("/thema/apple/", "Apple"),
    ("/plus/", "SPIEGEL Plus"),
    ("/autor/Max-Mustermann-1234567", "Max Mustermann"),
    ("/specials/kuenstliche-intelligenz/", "Künstliche Intelligenz"),
    ("/section/technology", "Technology"),
    ("/spotlight/artificial-intelligence", "Artificial Intelligence"),
    ("/by/jane-doe", "Jane Doe"),
    ("/news/topics/c34k5p6vrx7t", "Artificial intelligence"),
    ("/weather", "Weather"),
    ("/profile/jane-doe", "Jane Doe"),
    ("/info/2015/aug/12/how-to-contact", "Contact us"),
    ("/stream/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0", "Companies"),
    ("/artificial-intelligence", "Artificial intelligence"),
    ("/terms-and-conditions", "Terms and conditions of use for this website"),
    ("/cookie-policy", "Cookie policy"),
    ("/help/how-to-cancel-a-subscription", "How to cancel a subscription"),
    ("/advertise-with-us", "Advertise with us"),
    ("/editorial-guidelines", "Our editorial guidelines"),
    ("/staff/jane-doe-1234", "Jane Doe"),
    ("/2024", "2024"),
    ("/archive/2024/05", "May 2024"),
    ("/category/tech/page/2", "2"),
    ("/login?next=/2024/05/03/story-of-day", "Log in"),
    ("/share?url=https://example.com/2024/05/03/x-y-z", "Share"),
    ("/wp-login.php", "Log in"),
    ("/cdn-cgi/l/email-protection", "[email protected]"),
    ("/company/apple-inc", "Apple Inc."),
    ("/videos/", "All videos"),
    ("/podcast/the-daily-chip", "The Daily Chip"),
    ("/deals", "Deals"),
    ("/my-account/", "My account"),
    ("/press-releases", "Press releases"),
    ("/rss-feeds", "RSS"),
    ("/who-we-are", "Who we are and what we do for our readers"),
    ("/company/who-we-are-and-what-we-do", "Who we are and what we do for our readers"),
    ("/do-not-sell-my-personal-information", "Do not sell or share my personal information"),
    ("/ueber-uns", "Über uns und unsere Redaktion: wer hier arbeitet"),
    ("/werbung", "Werben Sie auf unseren Seiten"),
    ("/mentions-legales", "Mentions légales"),
    ("/politica-de-privacidad", "Política de privacidad"),
    ("/quienes-somos", "Quiénes somos y qué hacemos"),
    ("/a-propos", "À propos de nous et de notre équipe"),
    ("/jobs/senior-editor-technology-4711", "Senior editor technology (all genders), Berlin"),
]
