"""Pure measuring of audio: what was spoken against what was heard. No clocks, no sockets: samples in, figures out."""
