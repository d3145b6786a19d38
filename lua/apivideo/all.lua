--- `apivideo` with all of it loaded, for programs that cannot read its files
-- later, or would not wait for them then; see `later`. Drivers aside: those
-- come with the clients that use them.

require "apivideo.util.date"
require "apivideo.call.log"
require "apivideo.tokens.iterate"
require "apivideo.sched.parallel"
require "apivideo.call.bearer"
require "apivideo.sched.task"
require "apivideo.videos.upload"

return require "apivideo"
