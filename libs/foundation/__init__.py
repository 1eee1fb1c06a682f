"""Pure ground of every room: money in fen, ids, time, the court calendar, limits, canonical bytes, the error tree."""
