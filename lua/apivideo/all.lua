--- `apivideo` with all of it loaded, for programs that cannot read its files
-- later, or would not wait for them then. A client inside nginx, of luv or of a
-- game loads it when it is made.

require "apivideo.call.bearer"
require "apivideo.call.explain_unauthorized"
require "apivideo.call.explain_way"
require "apivideo.call.log"
require "apivideo.sched.parallel"
require "apivideo.sched.run"
require "apivideo.sched.scheduler"
require "apivideo.sched.sleep"
require "apivideo.sched.task"
require "apivideo.tokens.iterate"
require "apivideo.util.date"
require "apivideo.videos.upload"

return require "apivideo"
