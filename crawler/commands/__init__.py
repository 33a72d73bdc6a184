"""Add one `scrapy` subcommand a module, found by Scrapy through COMMANDS_MODULE."""
