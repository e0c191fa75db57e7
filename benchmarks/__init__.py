"""Side by side with the peer: same inputs, answers compared first, then time and memory."""
