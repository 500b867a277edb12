"""Fixed points: what pruning, heterogeneity, local hypergradients and drift leave."""
