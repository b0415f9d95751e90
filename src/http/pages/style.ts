/** The style sheet of every page. */
export const style = `:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 75rem; margin: 0 auto; padding: 1rem; }
h1 small { font-size: 0.6em; font-weight: normal; opacity: 0.7; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: 0.2rem 0.6rem 0.2rem 0; border-bottom: 1px solid #8884; overflow-wrap: anywhere; }
pre { overflow-x: auto; padding: 0.6rem; background: #8882; }
input, select, button { font: inherit; }
.failure { color: #c33; font-weight: bold; }
.success { color: #283; font-weight: bold; }
svg text { font-size: 12px; fill: currentColor; }
svg rect { fill: #48a; }
svg .good { fill: #283; }
svg .bad { fill: #c33; }
`
