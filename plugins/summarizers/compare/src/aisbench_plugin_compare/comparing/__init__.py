"""Two sides compared: pairs, figures, loads, what differs between them."""
