Scrape = object
scrape_while = None
