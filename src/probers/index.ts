// One line per prober: nothing else in src names one.
