// Name lookups and file reads share libuv's threads, and a name whose servers are silent holds one for ten seconds: the
// usual four are few. To be imported first, as the threads start with the first use. On Node 20 that is the loading of
// this very file, so there the variable has to be set by whoever starts sonde.
if (Number.parseInt(process.versions.node, 10) >= 22) process.env.UV_THREADPOOL_SIZE ??= '32'
