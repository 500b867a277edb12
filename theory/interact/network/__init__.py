"""Remark 1 and Figure 4: what the network governs."""
