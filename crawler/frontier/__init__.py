"""What is to be fetched and when, over the state that is kept between runs."""
