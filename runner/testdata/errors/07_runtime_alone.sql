/* a lone statement */ SELECT 1 / 0
